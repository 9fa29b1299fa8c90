import { createHash } from 'node:crypto';
import { type Dispatch, type ReceivedDispatch, withoutToken } from '@app/events';
import { DeadLetterSink, type DeadMessage } from '@app/messaging';
import { type Log } from '@app/observability';
import {
  type ActivityStore,
  type DeadLetterBounds,
  type DeadLetterStore,
  newActivityOf,
} from '@app/persistence';

/**
 * Stores dead letters in MongoDB. A message is one letter, however often it becomes one.
 *
 * 1. Each event that the ingress accepted must become an activity. If it was accepted while MongoDB was gone, the
 *    message is the only copy: it is recorded as an activity, which a sweeper finds.
 * 2. A message that did not come through the ingress may hold a token: its payload is not kept.
 * 3. Beyond `bounds` the oldest letters that can be spared are removed: those of activities on record (1), of notices
 *    (signals), and of messages that could never become an event. A service's own message, which may have to be sent
 *    again, is kept; a metric with an alert shows when there are too many.
 * 4. When NATS has lost its data, its sequence begins at 1 again: the sequence alone does not identify a letter.
 */
export class StoredDeadLetters extends DeadLetterSink {
  constructor(
    private readonly letters: DeadLetterStore,
    private readonly activities: ActivityStore,
    private readonly decode: (message: DeadMessage) => ReceivedDispatch,
    private readonly clock: () => number,
    private readonly bounds: DeadLetterBounds,
    private readonly log: Log,
  ) {
    super();
  }

  #trimming: Promise<void> | undefined;

  override async keep(message: DeadMessage): Promise<void> {
    const accepted = this.#acceptedIn(message);
    const at = this.clock();
    if (accepted?.recorded === false) await this.activities.record(newActivityOf(accepted, at));
    const kept = accepted ? message : withoutToken(message);
    const dispensable = accepted !== undefined || isNoEvent(message);
    await this.letters.add({ ...kept, id: letterIdOf(kept), at, dispensable });
    this.#trimming ??= this.#trim().finally(() => (this.#trimming = undefined));
  }

  /** Resolves when no letters are being removed. */
  async settled(): Promise<void> {
    await this.#trimming;
  }

  /** Removes letters beyond the bounds. One removal runs at a time; after a failure the next letter starts another. */
  async #trim(): Promise<void> {
    try {
      const removed = await this.letters.trim(this.bounds);
      if (removed > 0)
        this.log.warn({ removed }, 'The oldest dispensable dead letters were removed');
    } catch (err) {
      this.log.warn({ err }, 'Dead letters beyond their bounds could not be removed');
    }
  }

  #acceptedIn(message: DeadMessage): Dispatch | undefined {
    try {
      const received = this.decode(message);
      return received.kind === 'signed' ? received.dispatch : undefined;
    } catch {
      // Most letters are messages that can't be decoded.
      return undefined;
    }
  }
}

/** The error codes of messages that stay invalid whatever changes in tokens, workflows or settings. */
const NEVER_AN_EVENT: ReadonlySet<string> = new Set([
  'BODY_NOT_JSON',
  'BATCH_INVALID',
  'CONTENT_TYPE_UNSUPPORTED',
  'EVENT_INVALID',
  'SUBJECT_WITHOUT_WORKFLOW',
]);

/**
 * Whether the loss of the message loses no event. A signal is on record before its notice is sent, and so is an event
 * before its dispatch. A dispatch with a wrong signature is a copy of one on record, or forged. The task that a worker
 * answers is on record and still waits, and a worker may send any number of invalid answers.
 */
function isNoEvent({ stream, code, headers }: DeadMessage): boolean {
  const isDispatch = stream.endsWith('_DISPATCHES') && 'flow-dispatch' in headers;
  const isOnRecord = ['_SIGNALS', '_ANSWERS', '_BATCHES'].some((name) => stream.endsWith(name));
  return isOnRecord || isDispatch || NEVER_AN_EVENT.has(code);
}

function letterIdOf({ stream, sequence, headers, payload }: DeadMessage): string {
  const content = createHash('sha256').update(JSON.stringify(headers)).update(payload);
  return `${stream}:${sequence}:${content.digest('hex').slice(0, 16)}`;
}
