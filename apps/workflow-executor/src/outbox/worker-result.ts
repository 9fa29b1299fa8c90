import { type CloudEvent } from '@app/events';
import { type WorkerResultSignal } from '@app/workflow-engine';

/** The attempt and the task that a worker has. */
export interface WorkerTaskName {
  readonly activityId: string;
  readonly task: string;
  readonly attempt: number;
}

/** The id of the event that queued the task. */
export function workerTaskIn({ extensions }: CloudEvent): WorkerTaskName {
  const { activityid, taskname, attempt } = extensions;
  return { activityId: String(activityid), task: String(taskname), attempt: Number(attempt) };
}

/** The same id for each result of an attempt, from any worker of the queue: a run takes one of them. */
export function resultId(queue: string, task: string, attempt: number): string {
  return `worker:${queue}:${task}:${attempt}`;
}

/** The end of an attempt whose task no worker is given any more; whether a worker had an effect is unknown. */
export function failedResult(
  { task, attempt }: WorkerTaskName,
  queue: string,
  at: number,
  failure: {
    readonly code: string;
    readonly message: string;
    readonly retryable: boolean;
    /** Whether it is certain that nothing was done. */
    readonly outcomeKnown?: boolean;
  },
): WorkerResultSignal {
  const outcome = { kind: 'failed', outcomeKnown: false, ...failure } as const;
  const id = resultId(queue, task, attempt);
  return { id, at, kind: 'worker-result', task, queue, attempt, outcome };
}
