import {
  type ActivityState,
  changedTasks,
  hasRunningTask,
  isFinal,
  nextWakeAt,
} from '@app/workflow-engine';

/** The longest that nobody looks at what waits, in milliseconds. */
export const LOOK_AGAIN_MS = 24 * 60 * 60 * 1_000;

/** A task that runs has a call under way, or its result in the mailbox: D1 and `resume` see to it. */
export function standingOf(state: ActivityState): 'final' | 'waiting' | 'calling' {
  if (isFinal(state.status)) return 'final';
  return hasRunningTask(state.tasks) ? 'calling' : 'waiting';
}

/** One that waits for a slot is on record, and has not. */
export function hasBegun(state: ActivityState | undefined): boolean {
  return state !== undefined && state.status !== 'queued';
}

/**
 * When somebody has to look at a record that nobody has a lease on. What only a signal moves is looked
 * at once a day, so that nothing which is not over can be without a wake-up.
 *
 * @param outboxAt when what it has to tell is tried again
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
 * Whether anything happened that will not happen again. The same call handed out anew is not that, nor
 * is it that there was no place for it, or is one again.
 */
export function movesOn(before: ActivityState | undefined, after: ActivityState): boolean {
  if (before === undefined || isFinal(after.status)) return true;
  return changedTasks(before.tasks, after.tasks).some(([name, task]) => {
    const was = before.tasks[name];
    return stageOf(was) !== stageOf(task) || attemptOf(was) !== attemptOf(task);
  });
}

/** A call that waits for a permit is as far as one that is under way. */
function stageOf(task: ActivityState['tasks'][string] | undefined): string | undefined {
  return task?.status === 'waiting' && task.on.kind === 'slot' ? 'running' : task?.status;
}

function attemptOf(task: ActivityState['tasks'][string] | undefined): number | undefined {
  return task && 'attempt' in task ? task.attempt : undefined;
}
