import { type Msg, nanos, type NatsConnection } from '@nats-io/transport-node';
import { Delivery } from './delivery.js';
import { type Asked, PullRequest } from './pull-request.js';

/** The server ends a request that has not been filled after this time, and another is made; in milliseconds. */
const REQUEST_EXPIRES_MS = 30_000;

/**
 * How often the server sends a heartbeat while a request waits for messages, in milliseconds. Two missing heartbeats
 * mean that the server has lost the request, for example with the leader of the consumer.
 */
const HEARTBEAT_MS = 2_000;

/** The server's status messages (NATS ADR-13 and ADR-37). */
const IDLE_HEARTBEAT = 100;
const REQUEST_TIMEOUT = 408;
const TOO_LARGE = 'Message Size Exceeds MaxBytes';

export interface MessagePullOptions {
  readonly stream: string;
  readonly durable: string;
  readonly onDelivery: (delivery: Delivery) => void;
  /** A request ended unfilled: there is room to ask again. */
  readonly onRoom: () => void;
  /** A request ended because the next message has more bytes than were left of it. */
  readonly onTooLarge: (bytesLeft: number) => void;
  /** Called once; no messages come after it. */
  readonly onLost: (reason: string) => void;
}

/**
 * Pulls messages from a durable consumer, by number and by bytes: no more arrive than were asked for.
 *
 * The client library's `consume` refills its own buffer instead. Messages in that buffer are not bounded by the work
 * in flight, and nothing keeps them alive, so behind a slow handler they would be delivered a second time.
 */
export class MessagePull {
  readonly #connection: NatsConnection;
  readonly #options: MessagePullOptions;
  readonly #requests = new Set<PullRequest>();
  readonly #watch: NodeJS.Timeout;
  #lastSignAt = performance.now();
  #ended = false;

  constructor(connection: NatsConnection, options: MessagePullOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#watch = setInterval(() => {
      // After a pause of this process, pending messages are read first.
      setImmediate(() => {
        this.#checkHeartbeat();
      });
    }, HEARTBEAT_MS).unref();
  }

  /** Messages that were asked for and have not come yet. */
  get requested(): number {
    return this.#sum((request) => request.messages);
  }

  /** The same in bytes, of requests that bound them. */
  get requestedBytes(): number {
    return this.#sum((request) => request.bytes);
  }

  request(asked: Asked): void {
    const { stream, durable } = this.#options;
    if (this.#requests.size === 0) this.#lastSignAt = performance.now();
    const request = new PullRequest(this.#connection, asked, this.#onMessage, (error) => {
      this.#lose(error.message);
    });
    this.#requests.add(request);
    const body = {
      batch: asked.messages,
      ...(asked.bytes !== undefined && { max_bytes: asked.bytes }),
      expires: nanos(REQUEST_EXPIRES_MS),
      idle_heartbeat: nanos(HEARTBEAT_MS),
    };
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`;
    this.#connection.publish(subject, JSON.stringify(body), { reply: request.inbox });
  }

  /** Asks for no more, and resolves when the messages on their way have been delivered. */
  async drain(): Promise<void> {
    clearInterval(this.#watch);
    this.#ended = true;
    await Promise.all([...this.#requests].map((request) => request.drain()));
  }

  /** Delivers nothing more, at once. */
  abandon(): void {
    clearInterval(this.#watch);
    this.#ended = true;
    for (const request of this.#requests) this.#end(request);
  }

  readonly #onMessage = (request: PullRequest, message: Msg): void => {
    this.#lastSignAt = performance.now();
    if (message.subject === request.inbox) {
      this.#onStatus(request, message);
      return;
    }
    const delivery = new Delivery(message);
    if (request.fill(delivery.bytes) && !this.#ended) this.#end(request);
    this.#options.onDelivery(delivery);
  };

  #onStatus(request: PullRequest, { headers }: Msg): void {
    const { code, description } = headers ?? {};
    if (code === IDLE_HEARTBEAT) return;
    if (code === REQUEST_TIMEOUT) {
      this.#end(request);
      this.#options.onRoom();
      return;
    }
    if (description === TOO_LARGE) {
      const bytesLeft = request.bytes;
      this.#end(request);
      this.#options.onTooLarge(bytesLeft);
      return;
    }
    this.#lose(headers?.status ?? 'an answer without a status');
  }

  #end(request: PullRequest): void {
    request.end();
    this.#requests.delete(request);
  }

  #sum(of: (request: PullRequest) => number): number {
    let sum = 0;
    for (const request of this.#requests) sum += of(request);
    return sum;
  }

  #checkHeartbeat(): void {
    const silentMs = performance.now() - this.#lastSignAt;
    if (this.#requests.size > 0 && silentMs > 2 * HEARTBEAT_MS) this.#lose('heartbeats missed');
  }

  #lose(reason: string): void {
    if (this.#ended) return;
    this.abandon();
    this.#options.onLost(reason);
  }
}
