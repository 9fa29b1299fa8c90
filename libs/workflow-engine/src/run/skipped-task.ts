import { type TaskState } from '../state/activity-state.js';

/** The state of a task that is skipped. What it would have taken over from an earlier run stays for a later retry. */
export function skippedTask(
  { kept, results }: Extract<TaskState, { status: 'pending' }>,
  now: number,
): TaskState {
  const stays = kept !== undefined && { kept, results: results ?? {} };
  return { status: 'skipped', endedAt: now, ...stays };
}
