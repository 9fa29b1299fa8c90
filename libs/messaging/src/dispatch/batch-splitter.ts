import { type BatchedDispatch } from '@app/events';
import { type NatsLink } from '../link/nats-link.js';
import { dispatchSubject } from '../topology/names.js';
import { type JetStreamPublisherOptions } from './jetstream-publisher.js';
import { LinkPublisher } from './link-publisher.js';

export interface BatchSplitterOptions extends JetStreamPublisherOptions {
  readonly namespace: string;
}

/** In the subject of what does not say which workflow it is for. */
const NO_WORKFLOW = '-';

/**
 * Sends the dispatches of a batch each by itself, as if they had never been together. So what is wrong with one is
 * counted, given up and kept of that one alone.
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
