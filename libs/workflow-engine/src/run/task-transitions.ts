import { type TaskState, type TaskStatus } from '../state/activity-state.js';

/** The statuses that a task may move to from each status; none from a final one. */
export const TASK_TRANSITIONS: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  pending: ['running', 'waiting', 'succeeded', 'failed', 'skipped'],
  // To itself when the call of an attempt is repeated, because the executor that made it died.
  running: ['running', 'waiting', 'succeeded', 'failed', 'timedout', 'cancelled', 'skipped'],
  // To itself when a signal does not complete the wait, such as one vote of several.
  waiting: ['running', 'waiting', 'succeeded', 'failed', 'timedout', 'cancelled', 'skipped'],
  succeeded: [],
  failed: [],
  timedout: [],
  cancelled: [],
  skipped: [],
};

/** Whether a task in that status will never change again: no transition leads from it. */
export function isOver(status: TaskStatus): boolean {
  return status !== 'pending' && status !== 'running' && status !== 'waiting';
}

/** When a timeout or the end of a wait moves a task, in milliseconds since 1970; infinite for never. */
export function wakeOf(task: TaskState): number {
  if (task.status === 'running') return task.timeoutAt ?? Infinity;
  if (task.status !== 'waiting') return Infinity;
  return Math.min(task.on.until ?? Infinity, task.timeoutAt ?? Infinity);
}

/** The state of a skipped task. The results that it had from an earlier run stay for a later retry. */
export function skippedTask(
  { kept, results }: Extract<TaskState, { status: 'pending' }>,
  now: number,
): TaskState {
  const stays = kept !== undefined && { kept, results: results ?? {} };
  return { status: 'skipped', endedAt: now, ...stays };
}
