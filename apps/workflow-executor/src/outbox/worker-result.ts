import { type CloudEvent } from '@app/events';
import { type WorkerResultSignal } from '@app/workflow-engine';

/** Identifies an attempt of a worker's task. */
export interface WorkerTaskName {
  readonly activityId: string;
  readonly task: string;
  readonly attempt: number;
}

/** The attempt that the event of a queued task names in its extensions. */
export function workerTaskIn({ extensions }: CloudEvent): WorkerTaskName {
  const { activityid, taskname, attempt } = extensions;
  return { activityId: String(activityid), task: String(taskname), attempt: Number(attempt) };
}

/**
 * The id of the signal with a result. It is the same for each result of an attempt, from any worker of the queue, so
 * the run takes only one of them.
 */
export function resultId(queue: string, task: string, attempt: number): string {
  return `worker:${queue}:${task}:${attempt}`;
}

/** The failure of an attempt whose task is no longer given to workers. By default its effect is unknown. */
export function failedResult(
  { task, attempt }: WorkerTaskName,
  queue: string,
  at: number,
  failure: {
    readonly code: string;
    readonly message: string;
    readonly retryable: boolean;
    /** Whether it is certain that no worker has had an effect; false if absent. */
    readonly outcomeKnown?: boolean;
  },
): WorkerResultSignal {
  const outcome = { kind: 'failed', outcomeKnown: false, ...failure } as const;
  const id = resultId(queue, task, attempt);
  return { id, at, kind: 'worker-result', task, queue, attempt, outcome };
}
