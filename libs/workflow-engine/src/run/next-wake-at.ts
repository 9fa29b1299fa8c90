import { type ActivityState, type TaskState } from '../state/activity-state.js';
import { isFinal } from '../state/final-status.js';

/**
 * The earliest instant at which the input `time` changes something, in milliseconds since 1970:
 * a retry, the end of an attempt's time or of the run's. Undefined when only an answer can.
 */
export function nextWakeAt(state: ActivityState): number | undefined {
  if (isFinal(state.status)) return undefined;
  let earliest = state.timeoutAt ?? Infinity;
  for (const task of Object.values(state.tasks)) {
    earliest = Math.min(earliest, wakeOf(task) ?? Infinity);
  }
  return earliest === Infinity ? undefined : earliest;
}

function wakeOf(task: TaskState): number | undefined {
  if (task.status === 'running') return task.timeoutAt;
  if (task.status !== 'waiting') return undefined;
  return Math.min(task.on.until ?? Infinity, task.timeoutAt ?? Infinity);
}
