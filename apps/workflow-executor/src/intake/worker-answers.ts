import { FlowError, type Problem } from '@app/errors';
import { type CloudEvent, decodeMessage, looseAttributes, type ReceivedMessage } from '@app/events';
import {
  doubleOf,
  isJsonObject,
  type JsonLimits,
  type JsonObject,
  type JsonValue,
  toJsonText,
} from '@app/json';
import { queueOfAnswer } from '@app/messaging';
import { type ActivityStore } from '@app/persistence';
import {
  FAILURE_MESSAGE_CHARS_MAX,
  WORKER_LINE_CHARS_MAX,
  WORKER_LINES_MAX,
  type WorkerProgressSignal,
  type WorkerResultSignal,
} from '@app/workflow-engine';
import { type SignalDelivery } from '../runs/signals/signal-delivery.js';
import { type SignalOffers } from '../runs/signals/signal-offers.js';
import { failedResult, resultId } from '../outbox/worker-result.js';

/** The answer of a worker to one attempt of a task. */
export interface WorkerAnswer {
  readonly activityId: string;
  readonly signal: WorkerResultSignal | WorkerProgressSignal;
  /** The error of an invalid answer: the signal fails the attempt, and the message becomes a dead letter. */
  readonly refused?: FlowError;
}

/** The attempt that is answered. The queue comes from the NATS subject, because a worker could claim another one. */
interface AnsweredAttempt {
  readonly at: number;
  readonly task: string;
  readonly queue: string;
  readonly attempt: number;
}

const TYPES = 'io.boomerang.event.task.';
const CODE = /^[A-Z][A-Z0-9_]{0,99}$/;
const ID_CHARS_MAX = 200;
/** The largest results in an answer, in bytes of JSON. They are stored twice: in the inbox, and as the task's results. */
const RESULTS_BYTES_MAX = 1_024 * 1_024;

/** The message of a worker is not a valid answer; a redelivery would not help. */
class WorkerAnswerInvalidError extends FlowError {
  readonly code = 'WORKER_ANSWER_INVALID';
  readonly kind = 'invalid';

  constructor(detail: string, problems: readonly Problem[] = [{ detail }], cause?: unknown) {
    super(`The answer of a worker ${detail} (docs/worker-protocol.md)`, { problems, cause });
  }
}

/** The results in an answer are too large for the record; a redelivery would not help. */
class WorkerAnswerTooLargeError extends FlowError {
  readonly code = 'WORKER_ANSWER_TOO_LARGE';
  readonly kind = 'invalid';

  constructor(bytes: number) {
    super(
      `The answer of a worker has results of ${bytes} bytes as JSON, and at most ${RESULTS_BYTES_MAX} are ` +
        'accepted; send a link to larger results (docs/worker-protocol.md)',
    );
  }
}

/** Hands answers of workers to drivers here; an answer that no driver here takes is written to the inbox. */
export class WorkerAnswers {
  constructor(
    private readonly store: ActivityStore,
    private readonly delivery: Pick<SignalDelivery, 'deliver'>,
    private readonly offers: Pick<SignalOffers, 'take'>,
  ) {}

  /**
   * Resolves when the answer is on record, or can have no effect any longer.
   * @throws StoreUnavailableError: the answer must be redelivered
   * @throws WorkerAnswerInvalidError, WorkerAnswerTooLargeError after the failure that it causes is on record
   */
  async take({ activityId, signal, refused }: WorkerAnswer): Promise<void> {
    if (!(await this.offers.take(activityId, signal))) await this.#putIntoInbox(activityId, signal);
    if (refused) throw refused;
  }

  async #putIntoInbox(activityId: string, signal: WorkerAnswer['signal']): Promise<void> {
    const outcome = await this.store.signal(activityId, signal);
    if (outcome === 'appended') this.delivery.deliver(activityId);
  }
}

/**
 * Reads answers. An invalid answer that names its attempt fails the attempt: its worker would send the same again, and
 * no other worker has the task.
 */
export function answerReader(
  limits: JsonLimits,
  clock: () => number,
): (message: ReceivedMessage, subject: string) => WorkerAnswer {
  return (message, subject) => {
    const reading = readingOf(message, limits);
    const { event } = reading;
    const activityId = textIn(event, 'activityid');
    const of = attemptOf(event, subject, clock());
    try {
      if (reading.unreadable !== undefined) throw reading.unreadable;
      return { activityId, signal: signalOf(reading.event, of) };
    } catch (error) {
      // Invalid progress fails no attempt: the result may still follow.
      if (!isNoAnswer(error) || event.type === `${TYPES}progress`) throw error;
      return { activityId, signal: endBy(error, { activityId, ...of }), refused: error };
    }
  };
}

/** The attributes that name an attempt; they are read also from an invalid event. */
type Named = Pick<CloudEvent, 'type' | 'extensions'>;

type Reading =
  | { readonly event: CloudEvent; readonly unreadable?: never }
  | { readonly event: Named; readonly unreadable: WorkerAnswerInvalidError };

const NAMES: ReadonlySet<string> = new Set(['type', 'activityid', 'taskname', 'attempt']);

/** @throws WorkerAnswerInvalidError for an invalid event that names no attempt */
function readingOf(message: ReceivedMessage, limits: JsonLimits): Reading {
  try {
    return { event: decodeMessage(message, limits) };
  } catch (error) {
    if (!(error instanceof FlowError)) throw error;
    const { problems } = error;
    const details = problems.map(
      ({ path, attribute, detail }) => `${path ?? attribute ?? ''} ${detail}`,
    );
    const detail = [`can't be read: ${error.message}`, ...details.slice(0, 3)].join('; ');
    const unreadable = new WorkerAnswerInvalidError(detail, problems, error);
    const { type, ...extensions } = Object.fromEntries(looseAttributes(message, NAMES));
    const named = ['activityid', 'taskname', 'attempt'].every((name) => name in extensions);
    if (!named) throw unreadable;
    return { event: { type: type ?? '', extensions }, unreadable };
  }
}

function isNoAnswer(error: unknown): error is WorkerAnswerInvalidError | WorkerAnswerTooLargeError {
  return error instanceof WorkerAnswerInvalidError || error instanceof WorkerAnswerTooLargeError;
}

function endBy(
  { code, message }: FlowError,
  { at, queue, ...task }: AnsweredAttempt & Pick<WorkerAnswer, 'activityId'>,
): WorkerResultSignal {
  const cut = message.slice(0, FAILURE_MESSAGE_CHARS_MAX);
  return failedResult(task, queue, at, { code, message: cut, retryable: false });
}

/** A CloudEvents `Integer` from 1, in its canonical form (CloudEvents 1.0.2, "Type System"). */
const ATTEMPT = /^[1-9][0-9]{0,9}$/;

function attemptOf(event: Named, subject: string, at: number): AnsweredAttempt {
  const attempt = event.extensions['attempt'];
  // In headers it is a text. A boolean is no number either, although it converts to one.
  if (!ATTEMPT.test(String(attempt))) invalid('has no "attempt", a number from 1');
  const [task, queue] = [textIn(event, 'taskname'), queueOfAnswer(subject)];
  return { at, task, queue, attempt: Number(attempt) };
}

function signalOf(event: CloudEvent, of: AnsweredAttempt): WorkerAnswer['signal'] {
  const { task, queue, attempt } = of;
  const data = event.data?.kind === 'json' ? event.data.value : {};
  if (!isJsonObject(data)) invalid('has data that is no object');
  const id = resultId(queue, task, attempt);
  switch (event.type) {
    case `${TYPES}succeeded`:
      return {
        ...of,
        id,
        kind: 'worker-result',
        outcome: { kind: 'succeeded', results: resultsIn(data) },
      };
    case `${TYPES}failed`:
      return { ...of, id, kind: 'worker-result', outcome: failureIn(data) };
    case `${TYPES}progress`: {
      if (event.id.length > ID_CHARS_MAX)
        invalid(`has an id of more than ${ID_CHARS_MAX} characters`);
      const progressId = `progress:${queue}:${task}:${attempt}:${event.id}`;
      return { ...of, id: progressId, kind: 'worker-progress', ...progressIn(data) };
    }
    default:
      return invalid(`has the type "${event.type}", which is none`);
  }
}

function failureIn(data: JsonObject): WorkerResultSignal['outcome'] {
  const { code = 'WORKER_FAILED', message = '', retryable = true, outcomeKnown = false } = data;
  if (typeof code !== 'string' || !CODE.test(code)) invalid('has a "code" that is not LIKE_THIS');
  if (typeof message !== 'string') invalid('has a "message" that is no text');
  if (typeof retryable !== 'boolean') invalid('has a "retryable" that is no boolean');
  if (typeof outcomeKnown !== 'boolean') invalid('has an "outcomeKnown" that is no boolean');
  const retryAfterMs = doubleOf(data['retryAfterMs']);
  return {
    kind: 'failed',
    ...{ code, message: message.slice(0, FAILURE_MESSAGE_CHARS_MAX), retryable, outcomeKnown },
    ...(data['results'] !== undefined && { results: resultsIn(data) }),
    ...(retryAfterMs !== undefined && retryAfterMs >= 0 && { retryAfterMs }),
  };
}

function resultsIn({ results = {} }: JsonObject): JsonObject {
  if (!isJsonObject(results)) invalid('has "results" that are no object');
  const bytes = Buffer.byteLength(toJsonText(results));
  if (bytes > RESULTS_BYTES_MAX) throw new WorkerAnswerTooLargeError(bytes);
  return results;
}

function progressIn({
  percent,
  message,
  lines,
}: JsonObject): Pick<WorkerProgressSignal, 'percent' | 'message' | 'lines'> {
  const share = doubleOf(percent);
  const texts: readonly JsonValue[] = Array.isArray(lines) ? (lines as readonly JsonValue[]) : [];
  return {
    ...(share !== undefined && { percent: Math.min(Math.max(share, 0), 100) }),
    ...(typeof message === 'string' && { message: message.slice(0, WORKER_LINE_CHARS_MAX) }),
    lines: texts
      .filter((line) => typeof line === 'string')
      .slice(-WORKER_LINES_MAX)
      .map((line) => line.slice(0, WORKER_LINE_CHARS_MAX)),
  };
}

function textIn({ extensions }: Named, name: string): string {
  const value = extensions[name];
  return typeof value === 'string' && value !== '' ? value : invalid(`has no "${name}"`);
}

function invalid(detail: string): never {
  throw new WorkerAnswerInvalidError(detail);
}
