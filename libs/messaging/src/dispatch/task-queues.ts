import {
  AckPolicy,
  type ConsumerInfo,
  DeliverPolicy,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { TaskQueueFullError } from '../errors.js';
import { TASK_QUEUES_MAX } from '../topology/flow-topology.js';
import { unlessNotFound } from '../topology/jetstream-answers.js';
import { queueWildcard, tasksStream, workerConsumer } from '../topology/names.js';

export interface TaskQueueSettings {
  readonly namespace: string;
  /** How long a worker has a task without a sign of life, in milliseconds. */
  readonly leaseMs: number;
  /** Tasks of one queue that all its workers have in flight. */
  readonly tasksInFlightMax: number;
  /** How often a task is given to workers; then JetStream tells that nobody answered it. */
  readonly deliveriesMax: number;
}

interface Queue {
  /** Until when what is known of it counts. */
  until: number;
  /** Tasks that wait or are in flight. */
  tasks: number;
  /** Of a task, as those of late were. */
  taskBytes: number;
}

/** For how long a look counts, in milliseconds. */
const LOOK_MS = 1_000;
/** Nobody has asked for tasks of the queue for so long: it may be a name that an event made up. */
const CONSUMER_IDLE_MS_MAX = 7 * 24 * 60 * 60 * 1_000;
/** What JetStream stores of a message besides its payload, about. */
const FRAME_BYTES = 256;

/**
 * The queues in the stream of tasks, each with its consumer, and how much room each may have.
 *
 * Q1. The first use of a queue makes its consumer, so that a worker needs no right to make one.
 * Q2. A queue may have as much of the stream as is free beside it: one that nobody serves takes a half at
 *     most, two such a third each, and however many there are, something is left for the next. (Dynamic
 *     thresholds, as switches share a buffer among their ports: Choudhury and Hahne, 1998.)
 * Q3. JetStream tells the tasks of a queue, but not their bytes: those are estimated by what was published
 *     of late. Looks are `LOOK_MS` old at most; what this process publishes meanwhile is counted.
 */
export class TaskQueues {
  readonly #queues = new Map<string, Queue>();
  readonly #looks = new Map<string, Promise<Queue>>();
  #freeBytes = 0;
  #streamUntil = -Infinity;

  constructor(private readonly settings: TaskQueueSettings) {}

  /** Nothing that is known counts any more. */
  forget(): void {
    this.#queues.clear();
    this.#streamUntil = -Infinity;
  }

  /**
   * Takes room for a task of so many bytes.
   * @throws TaskQueueFullError when others would have too little left
   */
  async takeRoom(manager: JetStreamManager, queue: string, bytes: number): Promise<void> {
    const known = await this.#known(manager, queue);
    const taskBytes = bytes + FRAME_BYTES;
    const mean = known.taskBytes === 0 ? taskBytes : known.taskBytes * 0.9 + taskBytes * 0.1;
    const wanted = (known.tasks + 1) * mean;
    if (wanted > this.#freeBytes) throw new TaskQueueFullError(queue, known.tasks);
    known.taskBytes = mean;
    known.tasks += 1;
    this.#freeBytes -= taskBytes;
  }

  /** Whether none of the queue's tasks will ever be given to a worker again, as they are. */
  async isAtRest(manager: JetStreamManager, queue: string): Promise<boolean> {
    const { tasks } = await this.#look(manager, queue);
    return tasks === 0;
  }

  async #known(manager: JetStreamManager, queue: string): Promise<Queue> {
    const known = this.#queues.get(queue);
    const isFresh = performance.now() < Math.min(known?.until ?? -Infinity, this.#streamUntil);
    if (known !== undefined && isFresh) return known;
    const look = this.#looks.get(queue) ?? this.#look(manager, queue);
    this.#looks.set(queue, look);
    return look.finally(() => this.#looks.delete(queue));
  }

  async #look(manager: JetStreamManager, queue: string): Promise<Queue> {
    const stream = tasksStream(this.settings.namespace);
    const until = performance.now() + LOOK_MS;
    const [{ state, config }, consumer] = await Promise.all([
      manager.streams.info(stream),
      this.#consumer(manager, stream, queue),
    ]);
    const { max_bytes: bytesMax } = config;
    this.#freeBytes = bytesMax < 0 ? Infinity : bytesMax - state.bytes;
    this.#streamUntil = until;
    // Whatever is forgotten is looked at again.
    if (this.#queues.size >= TASK_QUEUES_MAX) this.#queues.clear();
    const tasks = consumer.num_pending + consumer.num_ack_pending;
    const taskBytes = this.#queues.get(queue)?.taskBytes ?? 0;
    const found = { until, tasks, taskBytes };
    this.#queues.set(queue, found);
    return found;
  }

  /** As it should be, made where it is not. */
  async #consumer(manager: JetStreamManager, stream: string, queue: string): Promise<ConsumerInfo> {
    const { namespace, leaseMs, tasksInFlightMax, deliveriesMax } = this.settings;
    const name = workerConsumer(queue);
    const settings = {
      ack_wait: nanos(leaseMs),
      max_ack_pending: tasksInFlightMax,
      max_deliver: deliveriesMax,
      inactive_threshold: nanos(CONSUMER_IDLE_MS_MAX),
      filter_subject: queueWildcard(namespace, queue),
    };
    const found = this.#queues.has(queue)
      ? await unlessNotFound(() => manager.consumers.info(stream, name))
      : undefined;
    if (found !== undefined) return found;
    const kind = { ack_policy: AckPolicy.Explicit, deliver_policy: DeliverPolicy.All };
    const add = manager.consumers.add(stream, { ...settings, ...kind, durable_name: name });
    return add.catch(() => manager.consumers.update(stream, name, settings));
  }
}
