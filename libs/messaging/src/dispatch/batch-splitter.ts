import { type BatchedDispatch } from '@app/events';
import { type NatsLink } from '../link/nats-link.js';
import { dispatchSubject } from '../topology/names.js';
import { type JetStreamPublisherOptions } from './jetstream-publisher.js';
import { LinkPublisher } from './link-publisher.js';

export interface BatchSplitterOptions extends JetStreamPublisherOptions {
  readonly namespace: string;
}

/** The token of a subject in place of a missing workflow id. */
const NO_WORKFLOW = '-';

/**
 * Sends each dispatch of a batch as a message of its own, so that a failing one is counted, given up and kept as a
 * dead letter alone.
 */
export class BatchSplitter {
  readonly #publisher: LinkPublisher;

  constructor(
    link: NatsLink,
    private readonly options: BatchSplitterOptions,
  ) {
    this.#publisher = new LinkPublisher(link, options);
  }

  /**
   * Resolves when the stream of dispatches has each of them.
   * @throws DispatchFailedError when it may lack one; to send all of them again is harmless
   */
  async split(batch: readonly BatchedDispatch[]): Promise<void> {
    const { namespace } = this.options;
    await Promise.all(
      batch.map((one) => {
        const subject = dispatchSubject(namespace, one.workflowId || NO_WORKFLOW);
        return this.#publisher.publish({ subject, ...one.alone() });
      }),
    );
  }

  /** What is on its way is rejected. */
  close(): void {
    this.#publisher.close();
  }
}
