import { type Msg, type NatsConnection, nanos, type Subscription } from '@nats-io/transport-node';
import { inboxPrefix, type WorkerSettings } from './options.js';

/** How long the server holds a request for tasks, in milliseconds. */
const WAIT_MS = 2_000;
/** A request without an end after this time is taken for lost, in milliseconds. */
const LOST_MS = 2 * WAIT_MS;
/** The pause after a refused request, in milliseconds. The consumer of a queue exists only after its first task. */
const PAUSE_MS = 250;
const NO_MESSAGES_IN_TIME = 408;

/** A request for tasks. It has an inbox of its own, because a task does not say which request it answers. */
interface Request {
  /** The number of tasks that may still come. */
  open: number;
  readonly lostAt: number;
  readonly replies: Subscription;
}

/**
 * Requests tasks from JetStream: as many as there is room for, and more as soon as there is more room. Each task goes
 * to `onTask`, also one that arrives while `stop` waits.
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

  /** @param free returns how many more tasks there is room for */
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

  /** Requests as many tasks as there is room for. All calls within one turn of the event loop make one request. */
  ask(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      this.#request();
    });
  }

  /** Requests again after a refused permission, which may have been granted since. */
  listenAgain(): void {
    this.#isForbidden = false;
    this.ask();
  }

  /** Ends the requests of a broken connection, which are not answered any more, and makes a new one. */
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

  /** Drains the subscription, so that tasks which have arrived are still read. */
  #lost(request: Request): void {
    this.#requests.delete(request);
    request.replies.drain().catch(() => undefined);
  }

  /** The worker reports the refused permission to `onError`, from the status of the connection. */
  #forbidden(request: Request): void {
    this.#requests.delete(request);
    this.#isForbidden = true;
    this.#stopped?.();
  }

  #hear(request: Request, message: Msg): void {
    const code = message.headers?.code ?? 0;
    if (code > 0) {
      // 100 is a heartbeat.
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
