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
  /** How long a worker may have a task without a heartbeat, in milliseconds. */
  readonly leaseMs: number;
  /** Tasks of one queue that all its workers have in flight. */
  readonly tasksInFlightMax: number;
  /** How often a task is delivered to workers; then JetStream publishes an advisory that none acknowledged it. */
  readonly deliveriesMax: number;
}

interface Queue {
  /** When this reading expires, by `performance.now()`. */
  until: number;
  /** Tasks that wait or are in flight. */
  tasks: number;
  /** The moving average of the bytes of its tasks; 0 before the first. */
  taskBytes: number;
}

/** How long a reading of JetStream's counts is used, in milliseconds. */
const LOOK_MS = 1_000;
/** JetStream deletes the consumer of a queue that no worker has pulled from for this long: an event may have named it. */
const CONSUMER_IDLE_MS_MAX = 7 * 24 * 60 * 60 * 1_000;
/** About how many bytes JetStream stores of a message besides its payload. */
const FRAME_BYTES = 256;

/**
 * The queues in the stream of tasks, each with its consumer, and the bound of their sizes.
 *
 * Q1. The first use of a queue makes its consumer, so that a worker needs no right to make one.
 * Q2. A queue may be as large as the free part of the stream: a queue without workers takes a half at most, two such
 *     queues a third each, and some room is left for the next, however many there are. (Dynamic thresholds, by which
 *     switches share a buffer among their ports: Choudhury and Hahne, 1998.)
 * Q3. JetStream counts the tasks of a queue, but not their bytes, which are estimated by a moving average of the
 *     published ones. Readings are at most `LOOK_MS` old; tasks that this process publishes meanwhile are added.
 */
export class TaskQueues {
  readonly #queues = new Map<string, Queue>();
  readonly #looks = new Map<string, Promise<Queue>>();
  #freeBytes = 0;
  #streamUntil = -Infinity;

  constructor(private readonly settings: TaskQueueSettings) {}

  /** Discards all readings. */
  forget(): void {
    this.#queues.clear();
    this.#streamUntil = -Infinity;
  }

  /**
   * Reserves room for a task of this many bytes.
   * @throws TaskQueueFullError when the queue would be larger than the free part of the stream
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

  /** Whether the consumer of the queue has no task left to deliver, or delivered and not acknowledged. */
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
    // The size of the map is bounded; a queue that is removed is read again.
    if (this.#queues.size >= TASK_QUEUES_MAX) this.#queues.clear();
    const tasks = consumer.num_pending + consumer.num_ack_pending;
    const taskBytes = this.#queues.get(queue)?.taskBytes ?? 0;
    const found = { until, tasks, taskBytes };
    this.#queues.set(queue, found);
    return found;
  }

  /** The consumer of the queue, created or updated if needed. */
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
