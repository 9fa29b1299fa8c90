import {
  type ActivityState,
  changedTasks,
  hasRunningTask,
  isFinal,
  nextWakeAt,
} from '@app/workflow-engine';

/** The longest time between two looks at a waiting activity, in milliseconds. */
export const LOOK_AGAIN_MS = 24 * 60 * 60 * 1_000;

/** A running task has a call in flight, or its result in the mailbox: D1 and `resume` ensure it. */
export function standingOf(state: ActivityState): 'final' | 'waiting' | 'calling' {
  if (isFinal(state.status)) return 'final';
  return hasRunningTask(state.tasks) ? 'calling' : 'waiting';
}

/** Whether the run has begun; a run that waits for a slot has a state, and has not begun. */
export function hasBegun(state: ActivityState | undefined): boolean {
  return state !== undefined && state.status !== 'queued';
}

/**
 * When an executor has to look at a record without a lease. A record that only a signal moves is looked at once a
 * day, so that every open activity has a wake-up.
 * @param outboxAt when its outbox entries are tried again
 */
export function wakeUpOf(
  state: ActivityState,
  now: number,
  outboxAt = Infinity,
): { readonly wakeAt?: number } {
  const runAt = isFinal(state.status) ? Infinity : (nextWakeAt(state) ?? now + LOOK_AGAIN_MS);
  const wakeAt = Math.min(runAt, outboxAt);
  return wakeAt === Infinity ? {} : { wakeAt };
}

/**
 * Whether anything happened that can't happen again. A repeat of a call does not count, nor does a call without a
 * place, or with one again.
 */
export function movesOn(before: ActivityState | undefined, after: ActivityState): boolean {
  if (before === undefined || isFinal(after.status)) return true;
  return changedTasks(before.tasks, after.tasks).some(([name, task]) => {
    const was = before.tasks[name];
    return stageOf(was) !== stageOf(task) || attemptOf(was) !== attemptOf(task);
  });
}

/** A call that waits for a permit counts as one that is under way. */
function stageOf(task: ActivityState['tasks'][string] | undefined): string | undefined {
  return task?.status === 'waiting' && task.on.kind === 'slot' ? 'running' : task?.status;
}

function attemptOf(task: ActivityState['tasks'][string] | undefined): number | undefined {
  return task && 'attempt' in task ? task.attempt : undefined;
}
