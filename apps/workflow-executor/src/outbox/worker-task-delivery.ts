import { type CloudEvent } from '@app/events';
import { type JsonValue, toJsonText } from '@app/json';
import { DispatchTooLargeError, type TaskPublisher, type WorkerTask } from '@app/messaging';
import { type OutboxEntry, WORKER_TASK_ENTRY } from '@app/workflow-engine';
import { type DeliveryOutcome, type EntryOrigin, OutboxDelivery } from './outbox-delivery.js';

const TASK_TYPE = 'io.boomerang.event.task.queued';
const CANCEL_TYPE = 'io.boomerang.event.task.cancelled';

/** Queues tasks for workers, or takes them back (docs/worker-protocol.md). */
export class WorkerTaskDelivery extends OutboxDelivery {
  constructor(private readonly publisher: Pick<TaskPublisher, 'available' | 'publish' | 'cancel'>) {
    super();
  }

  override get available(): boolean {
    return this.publisher.available;
  }

  override async deliver(entry: OutboxEntry, origin: EntryOrigin): Promise<DeliveryOutcome> {
    const task = workerTaskOf(entry, origin);
    try {
      if (entry.kind === WORKER_TASK_ENTRY) await this.publisher.publish(task);
      else await this.publisher.cancel(task);
      return { kind: 'delivered' };
    } catch (error) {
      if (!(error instanceof DispatchTooLargeError)) throw error;
      return { kind: 'refused', code: error.code, message: error.message };
    }
  }
}

function workerTaskOf(
  entry: OutboxEntry,
  { id, workflowId, event: cause }: EntryOrigin,
): WorkerTask {
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
      ...(keyAttempt !== undefined && { idempotencykey: `${id}:${task}:${keyAttempt}` }),
      ...(traceparent !== undefined && { traceparent }),
    },
    data: { kind: 'json', text: toJsonText(value), value },
  };
  return { queue, key, event };
}
