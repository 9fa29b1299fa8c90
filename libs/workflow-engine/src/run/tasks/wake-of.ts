import { type TaskState } from '../../state/activity-state.js';

/** When a timeout or the end of a wait moves a task, in milliseconds since 1970; infinite for never. */
export function wakeOf(task: TaskState): number {
  if (task.status === 'running') return task.timeoutAt ?? Infinity;
  if (task.status !== 'waiting') return Infinity;
  return Math.min(task.on.until ?? Infinity, task.timeoutAt ?? Infinity);
}
