import { type JsonObject, type JsonValue } from '@app/json';
import { HTTP_TIMEOUT_MS_DEFAULT } from '../../bounds.js';
import {
  EVENT_RESULT_NAMES,
  type EventTarget,
  type OutgoingEvent,
} from '../../state/event-call.js';
import { readExpectedStatus } from '../http/expected-status.js';
import { readUrl } from '../http/http-params.js';
import {
  invalidParam,
  type Reached,
  type TaskBehaviour,
  type TaskContext,
} from '../task-behaviour.js';
import { EVENT_RULES, readBoolean, readMode, readOwnHeaders } from './event-params.js';
import { readExtensions } from './extensions.js';
import { readSubject } from './nats-subject.js';

/** Sends a CloudEvent over HTTP or NATS, so that other workflows and services go on from here. */
export const event: TaskBehaviour = {
  about: 'Sends a CloudEvent to a URL or to a subject of NATS.',
  params: EVENT_RULES,
  needsOneOf: ['url', 'nats'],
  resultNames: EVENT_RESULT_NAMES,
  reach: (params, context): Reached => {
    const invalid = invalidParam(params, EVENT_RULES);
    if (invalid !== undefined) return invalid;
    const to = targetOf(params);
    if (to === undefined) return { kind: 'invalid', param: 'url', detail: 'is missing' };
    const mode = readMode(params['mode'] ?? null) ?? 'binary';
    const timeoutMsDefault = HTTP_TIMEOUT_MS_DEFAULT;
    const call = { event: eventOf(params, context), mode, to };
    return {
      kind: 'effect',
      effect: { kind: 'call', type: 'event', params: call, timeoutMsDefault },
    };
  },
};

/** Its id and time tell the effect, and not the attempt: whoever gets it twice knows it by that, and gets the same. */
function eventOf(
  params: JsonObject,
  { keysOf, task, keyAttempt, keyAt }: TaskContext,
): OutgoingEvent {
  const { type = '', source, subject, datacontenttype, dataschema, extensions, data } = params;
  return {
    id: `${keysOf}:${task}:${keyAttempt}`,
    type: textIn(type) ?? '',
    ...whereText('source', source),
    ...whereText('subject', subject),
    time: keyAt,
    ...whereText('datacontenttype', datacontenttype),
    ...whereText('dataschema', dataschema),
    extensions: readExtensions(extensions ?? null) ?? {},
    ...(data !== undefined && { data }),
  };
}

/** Of parameters that their rules have found to be fine. */
function targetOf(params: JsonObject): EventTarget | undefined {
  const { url = null, nats = null, headers = {}, sign = null, expectedStatus, stored } = params;
  const subject = readSubject(nats);
  if (subject !== undefined) {
    return { kind: 'nats', subject, isStored: readBoolean(stored ?? true) ?? true };
  }
  const address = readUrl(url);
  if (address === undefined) return undefined;
  const statuses = readExpectedStatus(expectedStatus ?? null);
  return {
    kind: 'url',
    url: address,
    headers: readOwnHeaders(headers) ?? [],
    ...whereText('sign', sign),
    ...(statuses !== undefined && { expectedStatus: statuses }),
  };
}

function whereText<Name extends string>(
  name: Name,
  value: JsonValue | undefined,
): { readonly [Member in Name]?: string } {
  const text = textIn(value);
  return (text === undefined ? {} : { [name]: text }) as { readonly [Member in Name]?: string };
}

function textIn(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
