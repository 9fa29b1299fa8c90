import { jest } from '@jest/globals';
import {
  headers,
  type Msg,
  type NatsConnection,
  type Subscription,
  type SubscriptionOptions,
} from '@nats-io/transport-node';
import { MessagePull } from './message-pull.js';

const HEARTBEAT_MS = 2_000;

/** The server's end of a pull: keeps what is asked of it, and answers when the test says so. */
class PullServer {
  readonly asked: unknown[] = [];
  ended = false;
  #inbox = '';
  #answer: SubscriptionOptions['callback'];

  get connection(): NatsConnection {
    const end = (): void => {
      this.ended = true;
    };
    return {
      subscribe: (inbox: string, { callback }: SubscriptionOptions): Subscription => {
        this.#inbox = inbox;
        this.#answer = callback;
        return { unsubscribe: end } as unknown as Subscription;
      },
      publish: (_subject: string, payload: string) => this.asked.push(JSON.parse(payload)),
    } as unknown as NatsConnection;
  }

  message(bytes = 0): void {
    this.#say({ subject: '', data: new Uint8Array(bytes) });
  }

  heartbeat(): void {
    this.#say({ subject: this.#inbox, headers: headers(100, 'Idle Heartbeat') });
  }

  requestEnds(unfilled: number): void {
    const status = headers(408, 'Request Timeout');
    status.set('Nats-Pending-Messages', String(unfilled));
    this.#say({ subject: this.#inbox, headers: status });
  }

  nextIsTooLarge(): void {
    this.#say({ subject: this.#inbox, headers: headers(409, 'Message Size Exceeds MaxBytes') });
  }

  consumerDeleted(): void {
    this.#say({ subject: this.#inbox, headers: headers(409, 'Consumer Deleted') });
  }

  #say(message: Partial<Msg>): void {
    void this.#answer?.(null, message as Msg);
  }
}

describe(MessagePull.name, () => {
  let server: PullServer;
  let pull: MessagePull;
  let lost: string[];
  let room: number;
  let tooLarge: number[];

  beforeEach(() => {
    jest.useFakeTimers();
    server = new PullServer();
    lost = [];
    room = 0;
    tooLarge = [];
    pull = new MessagePull(server.connection, {
      stream: 'events',
      durable: 'executor',
      onDelivery: () => undefined,
      onRoom: () => (room += 1),
      onTooLarge: (bytes) => tooLarge.push(bytes),
      onLost: (reason) => lost.push(reason),
    });
  });
  afterEach(() => {
    pull.abandon();
    jest.useRealTimers();
  });

  it('counts what it has asked for until it comes', () => {
    pull.request({ messages: 3 });
    server.message();

    expect(server.asked).toMatchObject([{ batch: 3 }]);
    expect(pull.requested).toBe(2);
  });

  it('expects no more of a request that the server has ended, and has room to ask again', () => {
    pull.request({ messages: 3 });
    server.message();
    server.requestEnds(2);

    expect({ requested: pull.requested, room, lost }).toEqual({ requested: 0, room: 1, lost: [] });
  });

  it('completes a request when its number of messages has arrived, whatever is left of its bytes', () => {
    pull.request({ messages: 2, bytes: 100 });
    server.message(10);
    expect(pull).toMatchObject({ requested: 1, requestedBytes: 90 });

    server.message(10);
    expect(pull).toMatchObject({ requested: 0, requestedBytes: 0 });
    expect(server.ended).toBe(true);
  });

  it('completes a request when all its bytes have arrived, without a notification', () => {
    pull.request({ messages: 5, bytes: 20 });
    server.message(20);

    expect(server.asked).toMatchObject([{ batch: 5, max_bytes: 20 }]);
    expect(pull).toMatchObject({ requested: 0, requestedBytes: 0 });
  });

  it('reports a next message that is larger than the rest of a request', () => {
    pull.request({ messages: 5, bytes: 100 });
    server.message(30);
    server.nextIsTooLarge();

    expect({ tooLarge, lost }).toEqual({ tooLarge: [70], lost: [] });
    expect(pull.requested).toBe(0);
  });

  it('counts a server as lost that is silent while a request is open', () => {
    pull.request({ messages: 1 });
    jest.advanceTimersByTime(2 * HEARTBEAT_MS);
    const before = [...lost];
    jest.advanceTimersByTime(HEARTBEAT_MS);

    expect([before, lost]).toEqual([[], ['heartbeats missed']]);
    expect(server.ended).toBe(true);
  });

  it('waits as long as the server sends heartbeats', () => {
    pull.request({ messages: 1 });
    for (let beat = 0; beat < 10; beat += 1) {
      jest.advanceTimersByTime(HEARTBEAT_MS);
      server.heartbeat();
    }

    expect(lost).toEqual([]);
  });

  it('expects no heartbeat without an open request', () => {
    jest.advanceTimersByTime(10 * HEARTBEAT_MS);
    pull.request({ messages: 1 });
    jest.advanceTimersByTime(HEARTBEAT_MS);

    expect(lost).toEqual([]);
  });

  it('reports once that it is lost', () => {
    pull.request({ messages: 1 });
    server.consumerDeleted();
    server.consumerDeleted();
    jest.advanceTimersByTime(10 * HEARTBEAT_MS);

    expect(lost).toEqual(['409 Consumer Deleted']);
  });
});
