import { decodeMessage, type ReceivedMessage } from '@app/events';
import { doubleOf, isJsonObject, type JsonLimits, parseJson } from '@app/json';
import { type TaskPublisher } from '@app/messaging';
import { type FlowMetrics, type Log } from '@app/observability';
import { type ActivityStore } from '@app/persistence';
import { type SignalDelivery } from '../runs/signals/signal-delivery.js';
import { failedResult, workerTaskIn } from '../outbox/worker-result.js';

/** JetStream's advisory that the task of a worker reached the maximum of deliveries without an answer. */
export interface ExhaustedTask {
  readonly kind: 'exhausted';
  /** The sequence of its message in the stream. */
  readonly sequence: number;
  /** The time of the advisory, in milliseconds since 1970. */
  readonly at: number;
  readonly deliveries: number;
}

const WORKER_DELIVERIES_EXHAUSTED = 'WORKER_DELIVERIES_EXHAUSTED';

/**
 * Reads the advisory `io.nats.jetstream.advisory.v1.max_deliver`.
 * @param subject of the message; undefined is returned if it is not one of advisories
 */
export function exhaustedTaskIn(
  { payload }: ReceivedMessage,
  subject: string,
): ExhaustedTask | undefined {
  if (!subject.startsWith('$JS.EVENT.ADVISORY.')) return undefined;
  const told = parseJson(Buffer.from(payload).toString());
  const { stream_seq, deliveries, timestamp } = isJsonObject(told) ? told : {};
  return {
    kind: 'exhausted',
    sequence: doubleOf(stream_seq) ?? 0,
    deliveries: doubleOf(deliveries) ?? 0,
    at: Date.parse(typeof timestamp === 'string' ? timestamp : ''),
  };
}

/** Fails tasks whose deliveries are exhausted. Such a task may crash its workers, one after the other. */
export class ExhaustedTasks {
  constructor(
    private readonly queues: Pick<TaskPublisher, 'queued' | 'remove'>,
    private readonly store: ActivityStore,
    private readonly delivery: Pick<SignalDelivery, 'deliver'>,
    private readonly limits: JsonLimits,
    private readonly clock: () => number,
    private readonly metrics: Pick<FlowMetrics, 'workerTaskExhausted'>,
    private readonly log: Log,
  ) {}

  /**
   * Resolves when the failure of the task is on record, or the task is no longer queued.
   * @throws a transient error: the advisory must be redelivered
   */
  async take({ sequence, at, deliveries }: ExhaustedTask): Promise<void> {
    const found = await this.queues.queued(sequence, at);
    // The task was answered or cancelled meanwhile.
    if (found === undefined) return;
    const task = workerTaskIn(decodeMessage(found.message, this.limits));
    const { activityId } = task;
    const message =
      `Workers of "${found.queue}" were given the task ${deliveries} times (WORKER_DELIVERIES_MAX), and none ` +
      `answered: it may crash them`;
    const failure = { code: WORKER_DELIVERIES_EXHAUSTED, message, retryable: true };
    const signal = failedResult(task, found.queue, this.clock(), failure);
    const outcome = await this.store.signal(activityId, signal);
    if (outcome === 'appended') {
      this.delivery.deliver(activityId);
      this.metrics.workerTaskExhausted();
      const fields = { activityId, task: task.task, attempt: task.attempt, queue: found.queue };
      this.log.warn({ ...fields, code: WORKER_DELIVERIES_EXHAUSTED }, message);
    }
    await this.queues.remove(found);
  }
}
