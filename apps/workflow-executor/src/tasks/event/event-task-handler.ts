import {
  binaryHttpHeaders,
  type CloudEvent,
  STRUCTURED_CONTENT_TYPE,
  toStructuredJson,
} from '@app/events';
import { type JsonValue } from '@app/json';
import { type EventTarget, type HttpCallParams } from '@app/workflow-engine';
import { type TaskCall, TaskHandler, type TaskOutcome } from '../task-handler.js';
import { StoreUnavailableError } from '@app/persistence';
import { failed } from '../http/broken-call.js';
import { type EventRoots } from './event-roots.js';
import { eventToSend } from './event-to-send.js';
import { type NatsEvents } from './nats-events.js';

/** How long a task waits on record if MongoDB can't count its event, in milliseconds. */
const AWAY_MS = 1_000;

type UrlTarget = Extract<EventTarget, { kind: 'url' }>;

/**
 * Sends the events of `event` tasks. To a URL they are sent like calls of `http` tasks: with the same address guard,
 * places, secrets, limits and rules for failures.
 */
export class EventTaskHandler extends TaskHandler<'event'> {
  constructor(
    private readonly http: TaskHandler<'http'>,
    private readonly nats: NatsEvents,
    private readonly hopsMax: number,
    private readonly roots: EventRoots,
  ) {
    super();
  }

  override async run(call: TaskCall<'event'>): Promise<TaskOutcome> {
    const { effect, scope } = call;
    const self = textIn(scope.context?.['workflowrun-ref']);
    const root = scope.root ?? self;
    const made = eventToSend(call, this.hopsMax, (event) => this.roots.textOf(root, event));
    if (made.kind === 'failed') return made;
    const { attempt, keyAttempt, repeats = 0 } = effect;
    // A task that waits for NATS or for a slot is handed out repeatedly under one key, and counts once.
    const isFirst = repeats === 0 && keyAttempt === attempt;
    const refused = isFirst ? await this.#count(scope.root, self) : undefined;
    if (refused) return refused;
    const { event } = made;
    const { to, mode } = effect.params;
    if (to.kind === 'nats') return this.nats.send({ event, mode, to, repeats });
    const params = httpCallOf(event, mode, to);
    const outcome = await this.http.run({ ...call, effect: { ...effect, type: 'http', params } });
    return outcome.kind === 'succeeded'
      ? { ...outcome, results: { id: event.id, ...outcome.results } }
      : outcome;
  }

  /** Why the event is not sent now; undefined if it may be sent. */
  async #count(root: string | undefined, self: string): Promise<TaskOutcome | undefined> {
    try {
      const counted = await this.roots.count(root, self);
      return counted === 'full' ? tooMany(root ?? self, this.roots.descendantsMax) : undefined;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      return { kind: 'postponed', delayMs: AWAY_MS };
    }
  }
}

function tooMany(root: string, max: number): TaskOutcome {
  const message =
    `The run ${root} has led to ${max} runs and events, which is the limit; let each lead to fewer, or raise ` +
    'CHILD_DESCENDANTS_MAX';
  return failed('EVENT_TOO_MANY', message, false);
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

function textIn(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** The data as text. Tasks have no binary data, because their parameters are JSON. */
function textOf({ data }: CloudEvent): string | undefined {
  return data && 'text' in data ? data.text : undefined;
}
