import { type NatsLink } from '../link/nats-link.js';
import {
  JetStreamPublisher,
  type JetStreamPublisherOptions,
  type OutgoingMessage,
} from './jetstream-publisher.js';
import { type StoredMessage } from './read-pub-ack.js';

/**
 * The publisher of a link: created with the first message; rejects the messages in flight when the server is gone.
 */
export class LinkPublisher {
  #publisher: JetStreamPublisher | undefined;
  readonly #unobserve: () => void;

  constructor(
    private readonly link: NatsLink,
    private readonly options: JetStreamPublisherOptions,
  ) {
    this.#unobserve = link.onChange(({ available, reason }) => {
      if (!available) this.#publisher?.rejectAll(reason ?? 'disconnected');
    });
  }

  get available(): boolean {
    return this.link.available;
  }

  /** @throws what `JetStreamPublisher.publish` throws */
  async publish(message: OutgoingMessage): Promise<StoredMessage> {
    this.#publisher ??= new JetStreamPublisher(this.link.connection, this.options);
    return this.#publisher.publish(message);
  }

  /** Rejects the messages in flight. */
  close(): void {
    this.#unobserve();
    this.#publisher?.close();
  }
}
