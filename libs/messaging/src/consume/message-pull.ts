import { type Msg, nanos, type NatsConnection } from '@nats-io/transport-node';
import { Delivery } from './delivery.js';
import { type Asked, PullRequest } from './pull-request.js';

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
const TOO_LARGE = 'Message Size Exceeds MaxBytes';

export interface MessagePullOptions {
  readonly stream: string;
  readonly durable: string;
  readonly onDelivery: (delivery: Delivery) => void;
  /** A request ended unfilled: there is room to ask again. */
  readonly onRoom: () => void;
  /** A request ended because the next message has more bytes than were left of it. */
  readonly onTooLarge: (bytesLeft: number) => void;
  /** Called once; nothing comes any more. */
  readonly onLost: (reason: string) => void;
}

/**
 * Pulls messages from a durable consumer, by number and by bytes: no more arrive than were asked for.
 *
 * The client library's `consume` refills its own buffer instead. What stands in there is neither
 * bounded by the work in flight nor kept alive while it waits, so behind a slow handler it would be
 * delivered a second time.
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
      // What came while this process was busy is read first.
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

  /** Asks for no more, and resolves when what is on the wire has been delivered. */
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
