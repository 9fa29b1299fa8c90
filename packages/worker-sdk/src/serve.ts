import {
  connect,
  credsAuthenticator,
  type Msg,
  type NatsConnection,
  nkeyAuthenticator,
  type NodeConnectionOptions,
  PermissionViolationError,
  type Subscription,
} from '@nats-io/transport-node';
import { Answers } from './answers.js';
import { parseExact } from './json.js';
import {
  type Credentials,
  inboxPrefix,
  settingsOf,
  type WorkerOptions,
  type WorkerSettings,
} from './options.js';
import { type Handler } from './task.js';
import { taskEventIn } from './task-event.js';
import { TaskPull } from './task-pull.js';
import { WorkInFlight } from './work-in-flight.js';

/** The time between two attempts to subscribe after a refused permission, in milliseconds. */
const LISTEN_AGAIN_MS = 5_000;

/** The time after which the first connection is reported as missing, in milliseconds. */
const REPORT_UNREACHED_MS = 3_000;

/** A running worker of one queue. */
export interface Worker {
  /** Resolves when the connection is closed for good: after `stop`, or with the error that closed it. */
  readonly closed: Promise<Error | undefined>;
  /**
   * Requests no more tasks and waits up to `drainMs` for those in flight. The rest are aborted and given back.
   * Resolves when the connection is closed. Calling it again has no further effect.
   */
  stop(): Promise<void>;
}

/**
 * Executes the tasks of a queue with `handler`, up to `concurrency` at the same time. The worker waits for NATS, and
 * reconnects whenever the connection to it breaks.
 *
 * @throws RangeError if an option is missing or out of bounds
 * @throws the error of the NATS client if the first connection is refused
 */
export async function serve<Input = unknown, Results = unknown>(
  queue: string,
  handler: Handler<Input, Results>,
  options: WorkerOptions,
): Promise<Worker> {
  const settings = settingsOf(queue, options);
  const connection = await connected(connectionOptions(settings, options.credentials), settings);
  return new QueueWorker(connection, settings, handler as Handler);
}

/**
 * Throws if the first log-in is refused, because that is a mistake in the configuration. A later refusal may be
 * temporary, as while passwords are changed, so the client then tries again until it succeeds. It reports nothing while
 * no server is there.
 */
async function connected(
  options: NodeConnectionOptions,
  { onError }: Pick<WorkerSettings, 'onError'>,
): Promise<NatsConnection> {
  const report = setTimeout(() => {
    onError(new Error('NATS is not reached yet; check the option "servers". The worker tries on'));
  }, REPORT_UNREACHED_MS);
  try {
    const first = await connect(options);
    await first.close();
    return await connect({ ...options, ignoreAuthErrorAbort: true });
  } finally {
    clearTimeout(report);
  }
}

class QueueWorker implements Worker {
  readonly #inFlight = new Map<string, WorkInFlight>();
  readonly #running = new Set<Promise<void>>();
  readonly #answers: Answers;
  readonly #pull: TaskPull;
  readonly closed: Promise<Error | undefined>;
  readonly #look: NodeJS.Timeout;
  #cancellations: Subscription;
  #stopping: Promise<void> | undefined;

  constructor(
    private readonly connection: NatsConnection,
    private readonly settings: WorkerSettings,
    private readonly handler: Handler,
  ) {
    const { concurrency } = settings;
    this.#answers = new Answers(connection, settings);
    this.#cancellations = this.#listen();
    const free = (): number => concurrency - this.#inFlight.size;
    this.#pull = new TaskPull(connection, settings, free, (message) => {
      this.#take(message);
    });
    this.#pull.ask();
    this.#look = setInterval(() => {
      this.#listenAgain();
    }, LISTEN_AGAIN_MS);
    void this.#watch();
    this.closed = this.#whenClosed();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const late = new Promise<void>((resolve) => {
      setTimeout(resolve, this.settings.drainMs).unref();
    });
    clearInterval(this.#look);
    await this.#pull.stop();
    await Promise.race([late, Promise.all(this.#running)]);
    for (const work of this.#inFlight.values()) work.giveBack();
    await this.connection.flush().catch(() => undefined);
    await this.connection.close();
  }

  #take(message: Msg): void {
    let event: ReturnType<typeof taskEventIn>;
    try {
      event = taskEventIn(message.data);
    } catch (error) {
      // Other workers get the task; it fails when none of them can read it.
      this.settings.onError(error);
      message.respond('-NAK');
      return;
    }
    const known = this.#inFlight.get(event.id);
    if (known) {
      known.comesAgain(message);
      return;
    }
    if (this.#stopping) {
      message.respond('-NAK');
      return;
    }
    const work = new WorkInFlight(message, event, this.#answers, this.settings);
    this.#inFlight.set(event.id, work);
    const running = work.run(this.handler).finally(() => {
      this.#inFlight.delete(event.id);
      this.#running.delete(running);
      this.#pull.ask();
    });
    this.#running.add(running);
  }

  #cancel(payload: Uint8Array): void {
    try {
      const { id } = Object(parseExact(new TextDecoder().decode(payload))) as { id?: unknown };
      if (typeof id === 'string') this.#inFlight.get(id)?.cancel();
    } catch (error) {
      this.settings.onError(error);
    }
  }

  #listen(): Subscription {
    const { namespace, queue, group } = this.settings;
    return this.connection.subscribe(`${namespace}.cancel.${queue}.${group}`, {
      callback: (error, message) => {
        // With an error there is no message. `#watch` reports the error.
        if (!error) this.#cancel(message.data);
      },
    });
  }

  async #watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'error') this.#hearOf(status.error);
      if (status.type !== 'reconnect') continue;
      this.#listenAgain();
      this.#pull.forget();
    }
  }

  #hearOf(error: Error): void {
    this.settings.onError(error);
    const isOfAnswers = error instanceof PermissionViolationError && error.operation === 'publish';
    if (isOfAnswers) this.#answers.refuse(error);
  }

  /** Subscribes again: a refused permission closes a subscription, and may have been granted since. */
  #listenAgain(): void {
    if (this.connection.isClosed() || this.#stopping) return;
    if (this.#cancellations.isClosed()) this.#cancellations = this.#listen();
    this.#pull.listenAgain();
  }

  async #whenClosed(): Promise<Error | undefined> {
    const reason = await this.connection.closed();
    const error = reason instanceof Error ? reason : undefined;
    this.#answers.close();
    if (!this.#stopping) {
      this.settings.onError(error ?? new Error('The connection to NATS is closed'));
      this.stop().catch(this.settings.onError);
    }
    return error;
  }
}

function connectionOptions(
  { servers, queue, group }: WorkerSettings,
  credentials: Credentials | undefined,
): NodeConnectionOptions {
  return {
    servers: [servers].flat(),
    name: `worker ${queue}.${group}`,
    inboxPrefix: inboxPrefix({ queue, group }),
    maxReconnectAttempts: -1,
    waitOnFirstConnect: true,
    ...(credentials && authenticationBy(credentials)),
  };
}

function authenticationBy(credentials: Credentials): NodeConnectionOptions {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  if ('nkeySeed' in credentials) {
    return { authenticator: nkeyAuthenticator(bytes(credentials.nkeySeed)) };
  }
  if ('creds' in credentials) {
    return { authenticator: credsAuthenticator(bytes(credentials.creds)) };
  }
  return { ...credentials };
}
