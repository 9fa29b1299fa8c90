import { type TaskState } from '../state/activity-state.js';

/** A task that has not begun, and will not: what it would have taken over stays for whoever goes on from here. */
export function skippedTask(
  { kept, results }: Extract<TaskState, { status: 'pending' }>,
  now: number,
): TaskState {
  const stays = kept !== undefined && { kept, results: results ?? {} };
  return { status: 'skipped', endedAt: now, ...stays };
}
