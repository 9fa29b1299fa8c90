import { createHash } from 'node:crypto';
import { type CloudEvent, encodeStructuredMessage, type ReceivedMessage } from '@app/events';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { DispatchFailedError, DispatchRefusedError, TaskQueueFullError } from '../errors.js';
import { type NatsLink } from '../link/nats-link.js';
import { queueOfTask, taskCancelSubject, tasksStream, taskSubject } from '../topology/names.js';
import { type JetStreamPublisherOptions, type OutgoingMessage } from './jetstream-publisher.js';
import { LinkPublisher } from './link-publisher.js';
import { natsHeadersOf } from './nats-message.js';
import { TaskQueues, type TaskQueueSettings } from './task-queues.js';

/** One attempt of a task, to be carried out by a worker. */
export interface WorkerTask {
  /** With its group behind a dot. */
  readonly queue: string;
  /** Identifies this attempt. */
  readonly key: string;
  readonly event: CloudEvent;
}

/** A task that is in the stream, as it was queued. */
export interface QueuedTask {
  /** With its group behind a dot. */
  readonly queue: string;
  readonly subject: string;
  readonly message: ReceivedMessage;
}

export type TaskPublisherOptions = JetStreamPublisherOptions & TaskQueueSettings;

/** The code of JetStream's error "wrong last sequence": the subject has a message already. */
const IS_THERE = 10_071;

/** The largest difference between the clocks of two servers of a cluster, in milliseconds. */
const CLOCKS_APART_MS_MAX = 10_000;

/** Queues tasks for workers, and removes them. */
export class TaskPublisher {
  readonly #publisher: LinkPublisher;
  #manager: Promise<JetStreamManager> | undefined;
  readonly #queues: TaskQueues;
  readonly #unobserve: () => void;

  constructor(
    private readonly link: NatsLink,
    private readonly options: TaskPublisherOptions,
  ) {
    this.#queues = new TaskQueues(options);
    this.#publisher = new LinkPublisher(link, options);
    this.#unobserve = link.onChange(() => {
      this.#queues.forget();
    });
  }

  get available(): boolean {
    return this.link.available;
  }

  /**
   * Resolves when the task waits in its queue or is in flight to a worker. Idempotent.
   * @throws TaskQueueFullError when its queue has as much as it may
   * @throws DispatchTooLargeError when the server would never take it
   * @throws DispatchFailedError when it isn't known whether it is queued
   */
  async publish({ queue, key, event }: WorkerTask): Promise<void> {
    const manager = await this.#jetStream();
    const { headers, payload } = encodeStructuredMessage(event);
    const subject = taskSubject(this.options.namespace, queue, subjectKey(key));
    // The server knows the header by exactly this name.
    const once = { ...headers, 'Nats-Expected-Last-Subject-Sequence': '0' };
    try {
      await this.#takeRoom(manager, queue, payload.length);
      await this.#publisher.publish({ subject, headers: once, payload });
    } catch (error) {
      if (!(await this.#isThere(manager, subject, error))) throw error;
      await this.#queueAnew(manager, queue, { subject, headers, payload });
    }
  }

  /**
   * The task with this sequence in the stream, unless it was stored after `by`, in milliseconds since 1970 (then the
   * stream was created anew, and counts from 1); clocks may be 10 s apart.
   * @throws DispatchFailedError when NATS does not answer
   */
  async queued(sequence: number, by: number): Promise<QueuedTask | undefined> {
    const manager = await this.#jetStream();
    const stream = tasksStream(this.options.namespace);
    const found = await answered(() => manager.streams.getMessage(stream, { seq: sequence }));
    if (found === null || found.time.getTime() > by + CLOCKS_APART_MS_MAX) return undefined;
    const headers: Record<string, readonly string[]> = {};
    for (const [name, values] of found.header) headers[name] = values;
    const { subject } = found;
    return { queue: queueOfTask(subject), subject, message: { headers, payload: found.data } };
  }

  /** Removes the task from its queue, also if a worker has it. @throws DispatchFailedError */
  async remove({ subject }: Pick<QueuedTask, 'subject'>): Promise<void> {
    const manager = await this.#jetStream();
    const stream = tasksStream(this.options.namespace);
    await answered(() => manager.streams.purge(stream, { filter: subject }));
  }

  /** Removes the task from its queue, and sends a cancel to the workers of the queue. @throws DispatchFailedError */
  async cancel({ queue, key, event }: WorkerTask): Promise<void> {
    const { namespace } = this.options;
    await this.remove({ subject: taskSubject(namespace, queue, subjectKey(key)) });
    const { headers, payload } = encodeStructuredMessage(event);
    const subject = taskCancelSubject(namespace, queue);
    this.link.connection.publish(subject, payload, { headers: natsHeadersOf({ headers }) });
  }

  /** What is on its way is rejected. */
  close(): void {
    this.#unobserve();
    this.#publisher.close();
  }

  #jetStream(): Promise<JetStreamManager> {
    if (!this.available) throw new DispatchFailedError('nats', 'not connected');
    this.#manager ??= jetstreamManager(this.link.connection, { checkAPI: false });
    return this.#manager;
  }

  async #takeRoom(manager: JetStreamManager, queue: string, bytes: number): Promise<void> {
    try {
      await this.#queues.takeRoom(manager, queue, bytes);
    } catch (error) {
      if (error instanceof TaskQueueFullError) throw error;
      this.options.onNoStream();
      throw failed(`no consumer for "${queue}"`, error);
    }
  }

  /** Whether the task is in the stream already: then it needs no further room, however full its queue is. */
  async #isThere(manager: JetStreamManager, subject: string, error: unknown): Promise<boolean> {
    if (!(error instanceof TaskQueueFullError)) {
      return error instanceof DispatchRefusedError && error.errCode === IS_THERE;
    }
    const stream = tasksStream(this.options.namespace);
    const last = { last_by_subj: subject };
    return (await answered(() => manager.streams.getMessage(stream, last))) !== null;
  }

  /**
   * Queues a task again that is in the stream but will not be delivered any more: it was delivered as often as allowed,
   * and the advisory of that was lost. JetStream shows that only while no other task of the queue is left.
   */
  async #queueAnew(
    manager: JetStreamManager,
    queue: string,
    message: OutgoingMessage,
  ): Promise<void> {
    if (!(await answered(() => this.#queues.isAtRest(manager, queue)))) return;
    await this.remove(message);
    await this.#publisher.publish(message);
  }
}

/** A key of any characters as one token of a subject. */
function subjectKey(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 22);
}

/** The answer of JetStream. @throws DispatchFailedError for any error */
async function answered<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw failed('JetStream does not answer as it should', error);
  }
}

function failed(what: string, cause: unknown): DispatchFailedError {
  return new DispatchFailedError('nats', `${what}: ${String(cause)}`, { cause });
}
