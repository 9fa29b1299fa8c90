import { type CloudEvent } from '@app/events';
import { type JsonValue, toJsonText } from '@app/json';
import { DispatchTooLargeError, type TaskPublisher, type WorkerTask } from '@app/messaging';
import { type ActivityStore, keysOf } from '@app/persistence';
import { type OutboxEntry, WORKER_CANCEL_ENTRY, WORKER_TASK_ENTRY } from '@app/workflow-engine';
import { failedResult, workerTaskIn } from './worker-result.js';
import {
  type DeliveryOutcome,
  type EntryOrigin,
  type OutboxDeliveries,
  OutboxDelivery,
} from './outbox-delivery.js';

const TASK_TYPE = 'io.boomerang.event.task.queued';
const CANCEL_TYPE = 'io.boomerang.event.task.cancelled';
const WITHOUT_NATS =
  'Workers get their tasks over NATS, and this installation has none (EVENTING_DRIVER, EVENTING_ENABLED)';

/** The members of `TaskPublisher` that deliveries need. */
type Queues = Pick<TaskPublisher, 'available' | 'publish' | 'cancel'>;

/**
 * Queues tasks for workers, or cancels them (docs/worker-protocol.md). A task that can never be queued fails at once
 * by a `worker-result` signal, as if a worker had answered. Without the signal it would wait until its timeout.
 */
export class WorkerTaskDelivery extends OutboxDelivery {
  /** @param queues absent where there is no NATS */
  constructor(
    private readonly queues: Queues | undefined,
    private readonly store: Pick<ActivityStore, 'signal'>,
    private readonly clock: () => number,
  ) {
    super();
  }

  override get available(): boolean {
    return this.queues?.available ?? true;
  }

  override async deliver(entry: OutboxEntry, origin: EntryOrigin): Promise<DeliveryOutcome> {
    const task = workerTaskOf(entry, origin);
    const isQueued = entry.kind === WORKER_TASK_ENTRY;
    try {
      if (isQueued) await this.#queue(task);
      else await this.queues?.cancel(task);
      return { kind: 'delivered' };
    } catch (error) {
      if (!(error instanceof DispatchTooLargeError)) throw error;
      const { message } = error;
      if (isQueued)
        await this.#fail(task, 'WORKER_TASK_TOO_LARGE', `It can't be queued: ${message}`);
      return { kind: 'refused', code: error.code, message };
    }
  }

  async #queue(task: WorkerTask): Promise<void> {
    if (this.queues) await this.queues.publish(task);
    else await this.#fail(task, 'WORKERS_NEED_NATS', WITHOUT_NATS);
  }

  /** Records a failure of the task. The driver takes the signal in the commit that removes the entry. */
  async #fail({ queue, event }: WorkerTask, code: string, message: string): Promise<void> {
    const failure = { code, message, retryable: false, outcomeKnown: true };
    const task = workerTaskIn(event);
    await this.store.signal(task.activityId, failedResult(task, queue, this.clock(), failure));
  }
}

/**
 * The deliveries for tasks of workers and for their cancellations.
 * @param queues absent where there is no NATS
 */
export function workerDeliveries(
  queues: Queues | undefined,
  store: Pick<ActivityStore, 'signal'>,
  clock: () => number,
): OutboxDeliveries {
  const delivery = new WorkerTaskDelivery(queues, store, clock);
  return new Map([WORKER_TASK_ENTRY, WORKER_CANCEL_ENTRY].map((kind) => [kind, delivery]));
}

function workerTaskOf(entry: OutboxEntry, origin: EntryOrigin): WorkerTask {
  const { id, workflowId, event: cause } = origin;
  const { queue, task, attempt, keyAttempt, input } = entry.payload as {
    readonly queue: string;
    readonly task: string;
    readonly attempt: number;
    readonly keyAttempt?: number;
    readonly input?: JsonValue;
  };
  const key = `${id}:${task}:${attempt}`;
  const value = entry.kind === WORKER_TASK_ENTRY ? { input: input ?? null } : {};
  const { traceparent } = cause.extensions;
  const event: CloudEvent = {
    specversion: '1.0',
    id: key,
    source: `/workflows/${workflowId}`,
    type: entry.kind === WORKER_TASK_ENTRY ? TASK_TYPE : CANCEL_TYPE,
    time: new Date(entry.createdAt).toISOString(),
    datacontenttype: 'application/json',
    extensions: {
      activityid: id,
      taskname: task,
      attempt,
      ...(keyAttempt !== undefined && {
        idempotencykey: `${keysOf(origin)}:${task}:${keyAttempt}`,
      }),
      ...(traceparent !== undefined && { traceparent }),
    },
    data: { kind: 'json', text: toJsonText(value), value },
  };
  return { queue, key, event };
}
