import { isJsonObject } from '@app/json';
import { type OutboxEntry, type Signal, WORKER_TASK_ENTRY } from '@app/workflow-engine';

/** Whether entries of this kind are answered by a signal, such as work by a worker's answer. */
export function isToBeAnswered({ kind }: Pick<OutboxEntry, 'kind'>): boolean {
  return kind === WORKER_TASK_ENTRY;
}

/** Whether the signal comes from a worker that has the task: then the entry is delivered, whoever delivered it. */
export function isAnsweredBy(entry: OutboxEntry, signal: Signal): boolean {
  if (signal.kind !== 'worker-result' && signal.kind !== 'worker-progress') return false;
  const { payload } = entry;
  if (!isToBeAnswered(entry) || !isJsonObject(payload)) return false;
  const { task, attempt, queue } = signal;
  return payload['task'] === task && payload['attempt'] === attempt && payload['queue'] === queue;
}
