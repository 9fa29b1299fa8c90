import { type Msg, type NatsConnection, nanos, type Subscription } from '@nats-io/transport-node';
import { inboxPrefix, type WorkerSettings } from './options.js';

/** How long a request for tasks waits at the server, in milliseconds. */
const WAIT_MS = 2_000;
/** After that it is lost. */
const LOST_MS = 2 * WAIT_MS;
/** Before the next one, when the server has said no: there may be no task of the queue yet. */
const PAUSE_MS = 250;
const NO_MESSAGES_IN_TIME = 408;

/** With an inbox of its own: a task comes under the subject that it was queued with, and says of no request. */
interface Request {
  /** Tasks that may still come. */
  open: number;
  readonly lostAt: number;
  readonly replies: Subscription;
}

/**
 * Asks JetStream for tasks, as many as there is room for, and for the next as soon as there is more.
 * What comes is told; so is what comes after `stop`, which no longer asks.
 */
export class TaskPull {
  readonly #inbox: string;
  readonly #requests = new Set<Request>();
  readonly #look: NodeJS.Timeout;
  #count = 0;
  #notBefore = 0;
  #isPlanned = false;
  #isForbidden = false;
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
    this.#isForbidden = false;
    this.ask();
  }

  /** What was asked before a connection broke nobody answers. */
  forget(): void {
    this.#endAll();
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
    this.#endAll();
  }

  #request(): void {
    const now = performance.now();
    if (this.#stopped || this.#isForbidden || now < this.#notBefore) return;
    if (this.connection.isClosed()) return;
    const batch = this.free() - this.#openAt(now);
    if (batch < 1) return;
    const { namespace, queue, group } = this.settings;
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${namespace.toUpperCase()}_TASKS.${queue}_${group}`;
    const reply = `${this.#inbox}.${String((this.#count += 1))}`;
    const replies = this.connection.subscribe(reply, {
      callback: (error, message) => {
        if (error) this.#forbidden(request);
        else this.#hear(request, message);
      },
    });
    const request: Request = { open: batch, lostAt: now + LOST_MS, replies };
    this.#requests.add(request);
    const payload = JSON.stringify({ batch, expires: nanos(WAIT_MS) });
    this.connection.publish(subject, payload, { reply });
  }

  #openAt(now: number): number {
    let open = 0;
    for (const request of this.#requests) {
      if (request.lostAt < now) this.#lost(request);
      else open += request.open;
    }
    return open;
  }

  /** What has come of it, and is not read yet, is still taken. */
  #lost(request: Request): void {
    this.#requests.delete(request);
    request.replies.drain().catch(() => undefined);
  }

  /** `onError` hears of it by the status of the connection. */
  #forbidden(request: Request): void {
    this.#requests.delete(request);
    this.#isForbidden = true;
    this.#stopped?.();
  }

  #hear(request: Request, message: Msg): void {
    const code = message.headers?.code ?? 0;
    if (code > 0) {
      // 100 is a sign of life.
      if (code < 200) return;
      this.#end(request);
      if (code !== NO_MESSAGES_IN_TIME) this.#notBefore = performance.now() + PAUSE_MS;
      this.ask();
    } else {
      if ((request.open -= 1) < 1) this.#end(request);
      this.onTask(message);
    }
    this.#stopped?.();
  }

  #end(request: Request): void {
    this.#requests.delete(request);
    request.replies.unsubscribe();
  }

  #endAll(): void {
    for (const request of this.#requests) this.#end(request);
  }
}
