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
 * Dead letters are kept in MongoDB; one message is one letter, however often it is given up.
 *
 * 1. What the ingress accepted has been promised an activity. If it was accepted while MongoDB was
 *    gone, the message is the only copy: it goes on record, where a sweeper finds it.
 * 2. What did not come through the ingress may hold a token: that is not kept.
 * 3. Beyond `bounds` the oldest go of which nothing is lost: what is on record by (1), what only tells
 *    of something (signals), and what could never be an event, whoever mends what. What a service has
 *    published and may have to publish again stays; that it is too much is on a metric, with an alert.
 * 4. When NATS has lost its data, its sequence begins at 1 again: that alone does not tell letters apart.
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

  /** Of many that come at once one is enough; and if it fails, the next letter is another occasion. */
  async #trim(): Promise<void> {
    try {
      const removed = await this.letters.trim(this.bounds);
      if (removed > 0)
        this.log.warn({ removed }, 'The oldest dispensable dead letters were removed');
    } catch (err) {
      this.log.warn({ err }, 'Dead letters could not be kept to their bounds');
    }
  }

  #acceptedIn(message: DeadMessage): Dispatch | undefined {
    try {
      const received = this.decode(message);
      return received.kind === 'signed' ? received.dispatch : undefined;
    } catch {
      // That it can't be decoded is why most messages come here.
      return undefined;
    }
  }
}

/** Reasons that no change of tokens, workflows or settings would take away. */
const NEVER_AN_EVENT: ReadonlySet<string> = new Set([
  'BODY_NOT_JSON',
  'BATCH_INVALID',
  'CONTENT_TYPE_UNSUPPORTED',
  'EVENT_INVALID',
  'SUBJECT_WITHOUT_WORKFLOW',
]);

/**
 * A signal is on record before it is sent, and so is an event before its dispatch: such a message only
 * says so. A dispatch whose signature is wrong is either one of those or made up. The task that a worker
 * answers is on record, and waits on; and a worker may send as much that is no answer as it likes.
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
