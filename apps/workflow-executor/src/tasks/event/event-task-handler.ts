import {
  binaryHttpHeaders,
  type CloudEvent,
  STRUCTURED_CONTENT_TYPE,
  toStructuredJson,
} from '@app/events';
import { type EventTarget, type HttpCallParams } from '@app/workflow-engine';
import { type TaskCall, TaskHandler, type TaskOutcome } from '../task-handler.js';
import { eventToSend } from './event-to-send.js';
import { type NatsEvents } from './nats-events.js';

type UrlTarget = Extract<EventTarget, { kind: 'url' }>;

/**
 * Sends the events of `event` tasks. To a URL they go as calls of `http` tasks do: the same guard, places,
 * secrets, limits and rules for what failed.
 */
export class EventTaskHandler extends TaskHandler<'event'> {
  constructor(
    private readonly http: TaskHandler<'http'>,
    private readonly nats: NatsEvents,
    private readonly hopsMax: number,
  ) {
    super();
  }

  override async run(call: TaskCall<'event'>): Promise<TaskOutcome> {
    const made = eventToSend(call, this.hopsMax);
    if (made.kind === 'failed') return made;
    const { event } = made;
    const { effect } = call;
    const { to, mode } = effect.params;
    if (to.kind === 'nats')
      return this.nats.send({ event, mode, to, repeats: effect.repeats ?? 0 });
    const params = httpCallOf(event, mode, to);
    const outcome = await this.http.run({ ...call, effect: { ...effect, type: 'http', params } });
    return outcome.kind === 'succeeded'
      ? { ...outcome, results: { id: event.id, ...outcome.results } }
      : outcome;
  }
}

function httpCallOf(
  event: CloudEvent,
  mode: 'binary' | 'structured',
  { url, headers: given, sign, expectedStatus }: UrlTarget,
): HttpCallParams {
  const ofEvent =
    mode === 'binary' ? binaryHttpHeaders(event) : { 'content-type': STRUCTURED_CONTENT_TYPE };
  const body = mode === 'binary' ? textOf(event) : toStructuredJson(event);
  return {
    url,
    method: 'POST',
    headers: [...given, ...Object.entries(ofEvent)],
    ...(body !== undefined && { body }),
    ...(sign !== undefined && { sign: { id: event.id, secret: sign } }),
    ...(expectedStatus && { expectedStatus }),
    staysThere: true,
  };
}

/** Tasks send no bytes: there are none in JSON. */
function textOf({ data }: CloudEvent): string | undefined {
  return data && 'text' in data ? data.text : undefined;
}
