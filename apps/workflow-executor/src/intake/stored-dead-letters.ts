import { createHash } from 'node:crypto';
import { type Dispatch, type ReceivedDispatch, withoutToken } from '@app/events';
import { DeadLetterSink, type DeadMessage } from '@app/messaging';
import { type ActivityStore, type DeadLetterStore, newActivityOf } from '@app/persistence';

/**
 * Dead letters are kept in MongoDB; one message is one letter, however often it is given up.
 *
 * 1. What the door accepted has been promised an activity. If it was accepted while MongoDB was
 *    gone, the message is the only copy: it goes on record, where a sweeper finds it.
 * 2. What did not come through the door may hold a token: that is not kept.
 * 3. When NATS has lost its data, its sequence begins at 1 again: that alone does not tell letters apart.
 */
export class StoredDeadLetters extends DeadLetterSink {
  constructor(
    private readonly letters: DeadLetterStore,
    private readonly activities: ActivityStore,
    private readonly decode: (message: DeadMessage) => ReceivedDispatch,
    private readonly clock: () => number,
  ) {
    super();
  }

  override async keep(message: DeadMessage): Promise<void> {
    const accepted = this.#acceptedIn(message);
    const at = this.clock();
    if (accepted?.recorded === false) await this.activities.record(newActivityOf(accepted, at));
    const kept = accepted ? message : withoutToken(message);
    await this.letters.add({ ...kept, id: letterIdOf(kept), at });
  }

  #acceptedIn(message: DeadMessage): Dispatch | undefined {
    try {
      const received = this.decode(message);
      return received.kind === 'sealed' ? received.dispatch : undefined;
    } catch {
      // That it can't be decoded is why most messages come here.
      return undefined;
    }
  }
}

function letterIdOf({ stream, sequence, headers, payload }: DeadMessage): string {
  const content = createHash('sha256').update(JSON.stringify(headers)).update(payload);
  return `${stream}:${sequence}:${content.digest('hex').slice(0, 16)}`;
}
