import { type Msg, type NatsConnection, nanos, type Subscription } from '@nats-io/transport-node';
import { inboxPrefix, type WorkerSettings } from './options.js';

/** How long a request for tasks waits at the server, in milliseconds. */
const WAIT_MS = 2_000;
/** After that it is lost. */
const LOST_MS = 2 * WAIT_MS;
/** Before the next one, when the server has said no: there may be no task of the queue yet. */
const PAUSE_MS = 250;
const NO_MESSAGES_IN_TIME = 408;

interface Request {
  /** Tasks that may still come. */
  open: number;
  readonly lostAt: number;
}

/**
 * Asks JetStream for tasks, as many as there is room for, and for the next as soon as there is more.
 * What comes is told; so is what comes after `stop`, which no longer asks.
 */
export class TaskPull {
  readonly #inbox: string;
  #replies: Subscription;
  readonly #requests = new Map<string, Request>();
  readonly #look: NodeJS.Timeout;
  #count = 0;
  #notBefore = 0;
  #isPlanned = false;
  #stopped: (() => void) | undefined;

  /** @param free how many tasks there is room for */
  constructor(
    private readonly connection: NatsConnection,
    private readonly settings: WorkerSettings,
    private readonly free: () => number,
    private readonly onTask: (message: Msg) => void,
  ) {
    const token = Math.random().toString(36).slice(2);
    this.#inbox = `${inboxPrefix(settings)}.pull-${token}`;
    this.#replies = this.#listen();
    this.#look = setInterval(() => {
      this.ask();
    }, PAUSE_MS);
  }

  /** Call it when there is more room. What is asked in one turn is one request. */
  ask(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      this.#request();
    });
  }

  /** What was not allowed may be now. */
  listenAgain(): void {
    if (this.#stopped || !this.#replies.isClosed()) return;
    this.#replies = this.#listen();
  }

  /** What was asked before a connection broke nobody answers. */
  forget(): void {
    this.#requests.clear();
    this.ask();
  }

  /** Resolves when no more tasks come. */
  async stop(): Promise<void> {
    clearInterval(this.#look);
    await new Promise<void>((resolve) => {
      const end = setTimeout(resolve, WAIT_MS);
      this.#stopped = () => {
        if (this.#requests.size > 0) return;
        clearTimeout(end);
        resolve();
      };
      this.#stopped();
    });
    this.#replies.unsubscribe();
  }

  #listen(): Subscription {
    return this.connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        // With an error there is no message; `onError` hears of it by the status of the connection.
        if (!error) this.#hear(message);
      },
    });
  }

  #request(): void {
    const now = performance.now();
    if (this.#stopped || now < this.#notBefore || this.connection.isClosed()) return;
    let open = 0;
    for (const [id, request] of this.#requests) {
      if (request.lostAt < now) this.#requests.delete(id);
      else open += request.open;
    }
    const batch = this.free() - open;
    if (batch < 1) return;
    const { namespace, queue, group } = this.settings;
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${namespace.toUpperCase()}_TASKS.${queue}_${group}`;
    const reply = `${this.#inbox}.${String((this.#count += 1))}`;
    this.#requests.set(reply, { open: batch, lostAt: now + LOST_MS });
    const payload = JSON.stringify({ batch, expires: nanos(WAIT_MS) });
    this.connection.publish(subject, payload, { reply });
  }

  #hear(message: Msg): void {
    const { subject } = message;
    const code = message.headers?.code ?? 0;
    const request = this.#requests.get(subject);
    if (code > 0) {
      // 100 is a sign of life.
      if (code < 200) return;
      this.#requests.delete(subject);
      if (code !== NO_MESSAGES_IN_TIME) this.#notBefore = performance.now() + PAUSE_MS;
      this.ask();
    } else {
      if (request && (request.open -= 1) < 1) this.#requests.delete(subject);
      this.onTask(message);
    }
    this.#stopped?.();
  }
}
