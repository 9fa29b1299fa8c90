import {
  createInbox,
  type Msg,
  nanos,
  type NatsConnection,
  type Subscription,
} from '@nats-io/transport-node';
import { Delivery } from './delivery.js';

/** After that the server ends a request that has not been filled, and another is made. */
const REQUEST_EXPIRES_MS = 30_000;

/**
 * While a request waits and there is no message, the server shows so often that it is there. Two
 * missing ones mean that nobody has the request: the leader of the consumer is gone, for example.
 */
const HEARTBEAT_MS = 2_000;

/** The server's status messages (NATS ADR-13 and ADR-37). */
const IDLE_HEARTBEAT = 100;
const REQUEST_TIMEOUT = 408;

export interface MessagePullOptions {
  readonly stream: string;
  readonly durable: string;
  readonly onDelivery: (delivery: Delivery) => void;
  /** A request ended unfilled: there is room to ask again. */
  readonly onRoom: () => void;
  /** Called once; nothing comes any more. */
  readonly onLost: (reason: string) => void;
}

/**
 * Pulls messages from a durable consumer, by number: no more arrive than were asked for.
 *
 * The client library's `consume` refills its own buffer instead. What stands in there is neither
 * bounded by the work in hand nor kept alive while it waits, so behind a slow handler it would be
 * delivered a second time.
 */
export class MessagePull {
  readonly #connection: NatsConnection;
  readonly #options: MessagePullOptions;
  readonly #inbox = createInbox();
  readonly #subscription: Subscription;
  readonly #watch: NodeJS.Timeout;
  #requested = 0;
  #lastSignAt = performance.now();
  #ended = false;

  constructor(connection: NatsConnection, options: MessagePullOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#subscription = connection.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (error === null) this.#onMessage(message);
        else this.#lose(error.message);
      },
    });
    this.#watch = setInterval(() => {
      // What came while this process was busy is read first.
      setImmediate(() => {
        this.#checkHeartbeat();
      });
    }, HEARTBEAT_MS).unref();
  }

  /** Messages that were asked for and have not come yet. */
  get requested(): number {
    return this.#requested;
  }

  request(messages: number): void {
    const { stream, durable } = this.#options;
    if (this.#requested === 0) this.#lastSignAt = performance.now();
    this.#requested += messages;
    const request = {
      batch: messages,
      expires: nanos(REQUEST_EXPIRES_MS),
      idle_heartbeat: nanos(HEARTBEAT_MS),
    };
    this.#connection.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`,
      JSON.stringify(request),
      { reply: this.#inbox },
    );
  }

  /** Asks for no more, and resolves when what is on the wire has been delivered. */
  async drain(): Promise<void> {
    clearInterval(this.#watch);
    this.#ended = true;
    await this.#subscription.drain();
  }

  /** Delivers nothing more, at once. */
  abandon(): void {
    clearInterval(this.#watch);
    this.#ended = true;
    this.#subscription.unsubscribe();
  }

  #onMessage(message: Msg): void {
    this.#lastSignAt = performance.now();
    if (message.subject === this.#inbox) {
      this.#onStatus(message);
      return;
    }
    this.#requested -= 1;
    this.#options.onDelivery(new Delivery(message));
  }

  #onStatus({ headers }: Msg): void {
    if (headers?.code === IDLE_HEARTBEAT) return;
    if (headers?.code === REQUEST_TIMEOUT) {
      this.#requested -= Number(headers.get('Nats-Pending-Messages'));
      this.#options.onRoom();
      return;
    }
    this.#lose(headers?.status ?? 'an answer without a status');
  }

  #checkHeartbeat(): void {
    const silentMs = performance.now() - this.#lastSignAt;
    if (this.#requested > 0 && silentMs > 2 * HEARTBEAT_MS) this.#lose('heartbeats missed');
  }

  #lose(reason: string): void {
    if (this.#ended) return;
    this.abandon();
    this.#options.onLost(reason);
  }
}
