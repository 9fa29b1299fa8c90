import { isJsonObject } from '@app/json';
import { type OutboxEntry, type Signal, WORKER_TASK_ENTRY } from '@app/workflow-engine';

/** Whether a signal answers entries of this kind; a worker's result answers a queued task. */
export function isToBeAnswered({ kind }: Pick<OutboxEntry, 'kind'>): boolean {
  return kind === WORKER_TASK_ENTRY;
}

/**
 * Whether the signal comes from a worker that has the task of the entry. Then the entry is delivered, even if this
 * executor knows of no delivery.
 */
export function isAnsweredBy(entry: OutboxEntry, signal: Signal): boolean {
  if (signal.kind !== 'worker-result' && signal.kind !== 'worker-progress') return false;
  const { payload } = entry;
  if (!isToBeAnswered(entry) || !isJsonObject(payload)) return false;
  const { task, attempt, queue } = signal;
  return payload['task'] === task && payload['attempt'] === attempt && payload['queue'] === queue;
}
