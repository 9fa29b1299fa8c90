import {
  createInbox,
  type Msg,
  type NatsConnection,
  type Subscription,
} from '@nats-io/transport-node';

/** The bounds of one request to a consumer: it ends when either is used up. */
export interface Asked {
  readonly messages: number;
  /** No bound when absent. As JetStream counts them: with subjects and headers. */
  readonly bytes?: number | undefined;
}

/**
 * One request for messages, with an inbox of its own, so that it is known which request a message belongs to, and
 * what is left of it. When a number of messages fills a request, the server does not tell which bytes are left.
 */
export class PullRequest {
  readonly #subscription: Subscription;
  readonly inbox = createInbox();
  #messages: number;
  #bytes: number;

  constructor(
    connection: NatsConnection,
    readonly asked: Asked,
    onMessage: (request: PullRequest, message: Msg) => void,
    onError: (error: Error) => void,
  ) {
    this.#messages = asked.messages;
    this.#bytes = asked.bytes ?? Number.POSITIVE_INFINITY;
    this.#subscription = connection.subscribe(this.inbox, {
      callback: (error, message) => {
        if (error === null) onMessage(this, message);
        else onError(error);
      },
    });
  }

  /** What it still waits for. */
  get messages(): number {
    return this.#messages;
  }

  /** 0 where bytes are not bounded. */
  get bytes(): number {
    return this.asked.bytes === undefined ? 0 : this.#bytes;
  }

  /** Counts a message that came; true if nothing more can come. */
  fill(bytes: number): boolean {
    this.#messages -= 1;
    this.#bytes -= bytes;
    return this.#messages <= 0 || this.#bytes <= 0;
  }

  end(): void {
    this.#subscription.unsubscribe();
  }

  async drain(): Promise<void> {
    await this.#subscription.drain();
  }
}
