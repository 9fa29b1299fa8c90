import { type JsonValue } from '@app/json';
import { EVENT_ATTRIBUTE_CHARS_MAX, NATS_SUBJECT_CHARS_MAX } from '../../bounds.js';
import { EVENT_MODES, type EventMode } from '../../state/event-call.js';
import { EXPECTED_STATUS, HEADERS, ruleOf, URL } from '../http/http-params.js';
import { type Headers, readHeaders } from '../http/headers.js';
import { textRule, wordProblem } from '../param-rules.js';
import { type ParamRule } from '../task-behaviour.js';
import { readExtensions } from './extensions.js';
import { joinSubject, readSubject } from './nats-subject.js';

const SUBJECT_RULE =
  'must be a subject of NATS: tokens with dots between them, without blanks and wildcards, of at most ' +
  `${NATS_SUBJECT_CHARS_MAX} characters`;
const EXTENSIONS_RULE =
  'must be an object of texts, integers of 32 bits and booleans, with names of a-z and 0-9 that are no ' +
  'other attribute of an event';
const HEADERS_RULE = `${HEADERS.problem(null) ?? ''}, nor such that the event itself has (Content-Type, Ce-..., Webhook-...)`;

const attribute = (about: string, more: Partial<ParamRule> = {}): ParamRule =>
  textRule(about, EVENT_ATTRIBUTE_CHARS_MAX, more);

export const EVENT_RULES: ReadonlyMap<string, ParamRule> = new Map<string, ParamRule>([
  ['url', { ...URL, notWith: 'nats' }],
  [
    'nats',
    {
      ...ruleOf(readSubject, SUBJECT_RULE),
      about: 'The subject of NATS to publish it on, in the place of `url`.',
      schema: { type: 'string', minLength: 1, maxLength: NATS_SUBJECT_CHARS_MAX },
      join: joinSubject,
    },
  ],
  ['type', attribute('What has happened, such as com.example.order.paid.', { required: true })],
  [
    'source',
    attribute('Where it has happened, as a URI-reference; the workflow, if it does not say.'),
  ],
  ['subject', attribute('What it has happened to.')],
  [
    'data',
    { required: false, about: 'What there is to tell, of any kind.', problem: () => undefined },
  ],
  ['datacontenttype', attribute('The media type of the data; JSON, if it does not say.')],
  ['dataschema', attribute('The URI of a schema of the data.')],
  [
    'extensions',
    {
      ...ruleOf(readExtensions, EXTENSIONS_RULE),
      about: 'Further attributes, by name.',
      schema: { type: 'object' },
    },
  ],
  [
    'mode',
    {
      required: false,
      problem: (value) =>
        readMode(value) === undefined ? wordProblem(value, EVENT_MODES) : undefined,
      about: 'Whether its attributes are headers (binary), or all of it is one JSON (structured).',
      schema: { enum: [...EVENT_MODES] },
    },
  ],
  ['headers', { ...HEADERS, ...ruleOf(readOwnHeaders, HEADERS_RULE), notWith: 'nats' }],
  [
    'sign',
    {
      ...attribute('The secret to sign it with, as Standard Webhooks: $(secrets.name).'),
      secrets: 'only',
      notWith: 'nats',
    },
  ],
  ['expectedStatus', { ...EXPECTED_STATUS, notWith: 'nats' }],
  [
    'stored',
    {
      ...ruleOf(readBoolean, 'must be true or false'),
      about: 'Whether a stream has to keep it (true), or those get it that listen at the moment.',
      schema: { type: 'boolean' },
      notWith: 'url',
    },
  ],
]);

export function readMode(value: JsonValue): EventMode | undefined {
  return EVENT_MODES.find((mode) => mode === value);
}

export function readBoolean(value: JsonValue): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** Those that a task gives besides what the event and its signature are sent as. */
export function readOwnHeaders(value: JsonValue): Headers | undefined {
  const headers = readHeaders(value);
  return headers?.some(([name]) => /^(?:content-type|ce-.*|webhook-.*)$/i.test(name))
    ? undefined
    : headers;
}
