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
  /** The answer is invalid: the signal ends the attempt, and the message is a dead letter. */
  readonly refused?: FlowError;
}

/** The attempt that it answers; its queue is taken from the subject, not from the worker. */
interface AnsweredAttempt {
  readonly at: number;
  readonly task: string;
  readonly queue: string;
  readonly attempt: number;
}

const TYPES = 'io.boomerang.event.task.';
const CODE = /^[A-Z][A-Z0-9_]{0,99}$/;
const ID_CHARS_MAX = 200;
/**
 * The largest results in an answer, as JSON. They are on record twice: in the inbox, and as the results of the task.
 */
const RESULTS_BYTES_MAX = 1_024 * 1_024;

/** A worker's message is no answer; no repetition makes it one. */
class WorkerAnswerInvalidError extends FlowError {
  readonly code = 'WORKER_ANSWER_INVALID';
  readonly kind = 'invalid';

  constructor(detail: string, problems: readonly Problem[] = [{ detail }], cause?: unknown) {
    super(`The answer of a worker ${detail} (docs/worker-protocol.md)`, { problems, cause });
  }
}

/** The results in an answer are too large for the record; no repetition makes them smaller. */
class WorkerAnswerTooLargeError extends FlowError {
  readonly code = 'WORKER_ANSWER_TOO_LARGE';
  readonly kind = 'invalid';

  constructor(bytes: number) {
    super(
      `The answer of a worker has results of ${bytes} bytes as JSON, and at most ${RESULTS_BYTES_MAX} are ` +
        'taken; give a link to what is larger (docs/worker-protocol.md)',
    );
  }
}

/** Puts workers' answers on record, each once, and has the driver of the activity take them. */
export class WorkerAnswers {
  constructor(
    private readonly store: ActivityStore,
    private readonly delivery: Pick<SignalDelivery, 'deliver'>,
    private readonly offers: Pick<SignalOffers, 'take'>,
  ) {}

  /**
   * Resolves when the answer is on record, or has no effect any longer.
   * @throws StoreUnavailableError: then it must come again; and the reason of an invalid answer, when that is on
   *   record
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
 * Reads answers. An invalid answer to an attempt that it names ends that attempt: its worker would send the same
 * again, and no other worker answers.
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
      // Progress: the result follows.
      if (!isNoAnswer(error) || event.type === `${TYPES}progress`) throw error;
      return { activityId, signal: endBy(error, { activityId, ...of }), refused: error };
    }
  };
}

/** The attempt that an answer names, also when it is no valid event. */
type Named = Pick<CloudEvent, 'type' | 'extensions'>;

type Reading =
  | { readonly event: CloudEvent; readonly unreadable?: never }
  | { readonly event: Named; readonly unreadable: WorkerAnswerInvalidError };

const NAMES: ReadonlySet<string> = new Set(['type', 'activityid', 'taskname', 'attempt']);

/** @throws WorkerAnswerInvalidError for a message that is no event and does not end an attempt */
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

function attemptOf(event: Named, subject: string, at: number): AnsweredAttempt {
  const attempt = Number(event.extensions['attempt']);
  if (!Number.isInteger(attempt) || attempt < 1) invalid('has no "attempt", a number from 1');
  return { at, task: textIn(event, 'taskname'), queue: queueOfAnswer(subject), attempt };
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
