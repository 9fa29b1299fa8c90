import { DeadLetterSink, type DeadMessage } from '@app/messaging';
import { type DeadLetterStore } from '@app/persistence';

/** Dead letters are kept in MongoDB; one message is one letter, however often it is given up. */
export class StoredDeadLetters extends DeadLetterSink {
  constructor(
    private readonly store: DeadLetterStore,
    private readonly clock: () => number,
  ) {
    super();
  }

  override async keep(message: DeadMessage): Promise<void> {
    const id = `${message.stream}:${message.sequence}`;
    await this.store.add({ ...message, id, at: this.clock() });
  }
}
