import { type CloudEvent } from '@app/events';
import { type WorkerResultSignal } from '@app/workflow-engine';

/** Which attempt of which task it is that a worker has. */
export interface WorkerTaskName {
  readonly activityId: string;
  readonly task: string;
  readonly attempt: number;
}

/** As the event says by which a task was queued. */
export function workerTaskIn({ extensions }: CloudEvent): WorkerTaskName {
  const { activityid, taskname, attempt } = extensions;
  return { activityId: String(activityid), task: String(taskname), attempt: Number(attempt) };
}

/** One result for an attempt, whoever of the queue sends it, and however often. */
export function resultId(queue: string, task: string, attempt: number): string {
  return `worker:${queue}:${task}:${attempt}`;
}

/** The end of an attempt that no worker comes to; what it did by then is not known. */
export function failedResult(
  { task, attempt }: WorkerTaskName,
  queue: string,
  at: number,
  failure: {
    readonly code: string;
    readonly message: string;
    readonly retryable: boolean;
    /** Whether it is certain that nothing happened. */
    readonly outcomeKnown?: boolean;
  },
): WorkerResultSignal {
  const outcome = { kind: 'failed', outcomeKnown: false, ...failure } as const;
  const id = resultId(queue, task, attempt);
  return { id, at, kind: 'worker-result', task, queue, attempt, outcome };
}
