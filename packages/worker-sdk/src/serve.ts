import {
  connect,
  credsAuthenticator,
  type Msg,
  type NatsConnection,
  nkeyAuthenticator,
  type NodeConnectionOptions,
} from '@nats-io/transport-node';
import { Answers } from './answers.js';
import { parseExact } from './json.js';
import {
  type Credentials,
  settingsOf,
  type WorkerOptions,
  type WorkerSettings,
} from './options.js';
import { type Handler } from './task.js';
import { taskEventIn } from './task-event.js';
import { TaskPull } from './task-pull.js';
import { WorkInHand } from './work-in-hand.js';

/** A worker that serves one queue. */
export interface Worker {
  /**
   * Asks for no more, and waits for what is in hand, `drainMs` at most; the rest is aborted and given back.
   * Resolves when the connection is closed. Call it as often as you like.
   */
  stop(): Promise<void>;
}

/**
 * Does the tasks of a queue with `handler`, as many at the same time as `concurrency` says. The connection
 * is made again whenever it breaks.
 *
 * @throws RangeError for options that can never work, and what NATS says to the first connection
 */
export async function serve<Input = unknown, Results = unknown>(
  queue: string,
  handler: Handler<Input, Results>,
  options: WorkerOptions,
): Promise<Worker> {
  const settings = settingsOf(queue, options);
  const connection = await connect(connectionOptions(settings, options.credentials));
  return new QueueWorker(connection, settings, handler as Handler);
}

class QueueWorker implements Worker {
  readonly #inHand = new Map<string, WorkInHand>();
  readonly #running = new Set<Promise<void>>();
  readonly #answers: Answers;
  readonly #pull: TaskPull;
  #stopping: Promise<void> | undefined;

  constructor(
    private readonly connection: NatsConnection,
    private readonly settings: WorkerSettings,
    private readonly handler: Handler,
  ) {
    const { namespace, queue, group, concurrency } = settings;
    this.#answers = new Answers(connection, settings);
    connection.subscribe(`${namespace}.cancel.${queue}.${group}`, {
      callback: (_error, { data }) => {
        this.#cancel(data);
      },
    });
    const free = (): number => concurrency - this.#inHand.size;
    this.#pull = new TaskPull(connection, settings, free, (message) => {
      this.#take(message);
    });
    this.#pull.ask();
    void this.#watch();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const late = new Promise<void>((resolve) => {
      setTimeout(resolve, this.settings.drainMs).unref();
    });
    await this.#pull.stop();
    await Promise.race([late, Promise.all(this.#running)]);
    for (const work of this.#inHand.values()) work.giveBack();
    await this.connection.flush().catch(() => undefined);
    await this.connection.close();
  }

  #take(message: Msg): void {
    let event: ReturnType<typeof taskEventIn>;
    try {
      event = taskEventIn(message.data);
    } catch (error) {
      // It is given to others, and fails when none can read it.
      this.settings.onError(error);
      message.respond('-NAK');
      return;
    }
    const known = this.#inHand.get(event.id);
    if (known) {
      known.comesAgain(message);
      return;
    }
    if (this.#stopping) {
      message.respond('-NAK');
      return;
    }
    const work = new WorkInHand(message, event, this.#answers, this.settings);
    this.#inHand.set(event.id, work);
    const running = work.run(this.handler).finally(() => {
      this.#inHand.delete(event.id);
      this.#running.delete(running);
      this.#pull.ask();
    });
    this.#running.add(running);
  }

  #cancel(payload: Uint8Array): void {
    try {
      const { id } = Object(parseExact(new TextDecoder().decode(payload))) as { id?: unknown };
      if (typeof id === 'string') this.#inHand.get(id)?.cancel();
    } catch (error) {
      this.settings.onError(error);
    }
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.connection.status()) {
      if (type === 'reconnect') this.#pull.forget();
    }
  }
}

function connectionOptions(
  { servers, queue, group }: WorkerSettings,
  credentials: Credentials | undefined,
): NodeConnectionOptions {
  return {
    servers: [servers].flat(),
    name: `worker ${queue}.${group}`,
    inboxPrefix: `_INBOX_${queue}`,
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
