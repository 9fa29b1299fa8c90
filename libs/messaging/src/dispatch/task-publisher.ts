import { createHash } from 'node:crypto';
import { type CloudEvent, encodeStructuredMessage } from '@app/events';
import {
  AckPolicy,
  DeliverPolicy,
  jetstreamManager,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { DispatchFailedError, DispatchRefusedError } from '../errors.js';
import { type NatsLink } from '../link/nats-link.js';
import { TASK_QUEUES_MAX } from '../topology/flow-topology.js';
import {
  queueWildcard,
  taskCancelSubject,
  tasksStream,
  taskSubject,
  workerConsumer,
} from '../topology/names.js';
import { JetStreamPublisher, type JetStreamPublisherOptions } from './jetstream-publisher.js';

/** One attempt of a task that a worker is to carry out. */
export interface WorkerTask {
  /** With its group behind a dot. */
  readonly queue: string;
  /** Tells this attempt from all others. */
  readonly key: string;
  readonly event: CloudEvent;
}

export interface TaskPublisherOptions extends JetStreamPublisherOptions {
  readonly namespace: string;
  /** How long a worker has a task without a sign of life, in milliseconds. */
  readonly leaseMs: number;
  /** Tasks of one queue that all its workers have in hand. */
  readonly tasksInHandsMax: number;
}

/** For how long a consumer that was there is taken to be there. */
const CONSUMER_KNOWN_MS = 60_000;
/** JetStream's error: the subject has a message already. */
const IS_THERE = 10_071;
/** Nobody has asked for tasks of the queue for so long: it may be a name that an event made up. */
const CONSUMER_IDLE_MS_MAX = 7 * 24 * 60 * 60 * 1_000;

/** Queues tasks for workers, and takes them back. */
export class TaskPublisher {
  #publisher: JetStreamPublisher | undefined;
  #manager: Promise<JetStreamManager> | undefined;
  /** When each queue's consumer was seen last. */
  readonly #consumers = new Map<string, number>();
  readonly #unobserve: () => void;

  constructor(
    private readonly link: NatsLink,
    private readonly options: TaskPublisherOptions,
  ) {
    this.#unobserve = link.onChange(({ available, reason }) => {
      this.#consumers.clear();
      if (!available) this.#publisher?.rejectAll(reason ?? 'disconnected');
    });
  }

  get available(): boolean {
    return this.link.available;
  }

  /**
   * Resolves when it waits in its queue, or is in a worker's hands, once however often it is called.
   * @throws DispatchTooLargeError when the server would never take it
   * @throws DispatchFailedError when it isn't known whether it waits
   */
  async publish({ queue, key, event }: WorkerTask): Promise<void> {
    await this.#ensureConsumer(queue);
    this.#publisher ??= new JetStreamPublisher(this.link.connection, this.options);
    const { headers, payload } = encodeStructuredMessage(event);
    const subject = taskSubject(this.options.namespace, queue, subjectKey(key));
    // The server knows the header by exactly this name.
    const once = { ...headers, 'Nats-Expected-Last-Subject-Sequence': '0' };
    try {
      await this.#publisher.publish({ subject, headers: once, payload });
    } catch (error) {
      if (!(error instanceof DispatchRefusedError && error.errCode === IS_THERE)) throw error;
    }
  }

  /** Takes it out of its queue, and tells whoever has it in hand. @throws DispatchFailedError */
  async cancel({ queue, key, event }: WorkerTask): Promise<void> {
    const { namespace } = this.options;
    const filter = taskSubject(namespace, queue, subjectKey(key));
    try {
      await (await this.#jetStream()).streams.purge(tasksStream(namespace), { filter });
    } catch (error) {
      throw new DispatchFailedError('nats', `it is not taken back: ${String(error)}`, {
        cause: error,
      });
    }
    const { payload } = encodeStructuredMessage(event);
    this.link.connection.publish(taskCancelSubject(namespace, queue), payload);
  }

  /** What is on its way is rejected. */
  close(): void {
    this.#unobserve();
    this.#publisher?.close();
  }

  #jetStream(): Promise<JetStreamManager> {
    if (!this.available) throw new DispatchFailedError('nats', 'not connected');
    this.#manager ??= jetstreamManager(this.link.connection, { checkAPI: false });
    return this.#manager;
  }

  /** The first use of a queue makes its consumer, so that a worker needs no right to make one. */
  async #ensureConsumer(queue: string): Promise<void> {
    const manager = await this.#jetStream();
    const seenAt = this.#consumers.get(queue) ?? -Infinity;
    if (performance.now() - seenAt < CONSUMER_KNOWN_MS) return;
    const { namespace, leaseMs, tasksInHandsMax } = this.options;
    const settings = {
      ack_wait: nanos(leaseMs),
      max_ack_pending: tasksInHandsMax,
      max_deliver: -1,
      inactive_threshold: nanos(CONSUMER_IDLE_MS_MAX),
      filter_subject: queueWildcard(namespace, queue),
    };
    const stream = tasksStream(namespace);
    const name = workerConsumer(queue);
    const config = {
      ...settings,
      durable_name: name,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
    };
    try {
      const add = manager.consumers.add(stream, config);
      await add.catch(() => manager.consumers.update(stream, name, settings));
    } catch (error) {
      this.options.onNoStream();
      throw new DispatchFailedError('nats', `no consumer for "${queue}": ${String(error)}`, {
        cause: error,
      });
    }
    // Whatever is missing is looked for again.
    if (this.#consumers.size >= TASK_QUEUES_MAX) this.#consumers.clear();
    this.#consumers.set(queue, performance.now());
  }
}

/** A key of any characters as one token of a subject. */
function subjectKey(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 22);
}
