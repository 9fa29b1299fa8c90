import { type BatchedDispatch } from '@app/events';
import { type NatsLink } from '../link/nats-link.js';
import { dispatchSubject } from '../topology/names.js';
import { JetStreamPublisher, type JetStreamPublisherOptions } from './jetstream-publisher.js';

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
  #publisher: JetStreamPublisher | undefined;
  readonly #unobserve: () => void;

  constructor(
    private readonly link: NatsLink,
    private readonly options: BatchSplitterOptions,
  ) {
    this.#unobserve = link.onChange(({ available, reason }) => {
      if (!available) this.#publisher?.rejectAll(reason ?? 'disconnected');
    });
  }

  /**
   * Resolves when the stream of dispatches has each of them.
   * @throws DispatchFailedError when it may lack one; to send all of them again is harmless
   */
  async split(batch: readonly BatchedDispatch[]): Promise<void> {
    this.#publisher ??= new JetStreamPublisher(this.link.connection, this.options);
    const publisher = this.#publisher;
    const { namespace } = this.options;
    await Promise.all(
      batch.map((one) => {
        const subject = dispatchSubject(namespace, one.workflowId || NO_WORKFLOW);
        return publisher.publish({ subject, ...one.alone() });
      }),
    );
  }

  /** What is on its way is rejected. */
  close(): void {
    this.#unobserve();
    this.#publisher?.close();
  }
}
