import {
  type ActivityState,
  begunTasks,
  changedTasks,
  DAY_MS,
  hasRunningTask,
  isFinal,
  nextWakeAt,
} from '@app/workflow-engine';

/** The longest time until the wake-up of a waiting activity, in milliseconds. */
export const LOOK_AGAIN_MS = DAY_MS;

/**
 * Whether the run has ended, waits, or has running tasks. A running task has a call in flight, or its result is in the
 * mailbox: D1 and the `resume` input ensure it.
 */
export function phaseOf(state: ActivityState): 'final' | 'waiting' | 'calling' {
  if (isFinal(state.status)) return 'final';
  return hasRunningTask(state.tasks) ? 'calling' : 'waiting';
}

/** Whether a task of the run waits for runs that it began. */
export function waitsForRuns({ tasks }: ActivityState): boolean {
  return begunTasks(tasks).some(
    ([, task]) => task.status === 'waiting' && task.on.kind === 'children',
  );
}

/** Whether the run has begun; a run that waits for a slot has a state, and has not begun. */
export function hasBegun(state: ActivityState | undefined): boolean {
  return state !== undefined && state.status !== 'queued';
}

/**
 * The wake-up of a record without a lease, in milliseconds since 1970; none for an ended run with an empty outbox. A
 * run that only a signal moves on wakes once a day, so that every open activity has a wake-up.
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
 * Whether the run made progress: it began or ended, or a task has another status or attempt. A repeated call is no
 * progress, and neither is a call that began or ceased to wait for a slot.
 */
export function madeProgress(before: ActivityState | undefined, after: ActivityState): boolean {
  if (before === undefined || isFinal(after.status)) return true;
  return changedTasks(before.tasks, after.tasks).some(([name, task]) => {
    const was = before.tasks[name];
    return stageOf(was) !== stageOf(task) || attemptOf(was) !== attemptOf(task);
  });
}

/** A call that waits for a slot counts as running. */
function stageOf(task: ActivityState['tasks'][string] | undefined): string | undefined {
  return task?.status === 'waiting' && task.on.kind === 'slot' ? 'running' : task?.status;
}

function attemptOf(task: ActivityState['tasks'][string] | undefined): number | undefined {
  return task && 'attempt' in task ? task.attempt : undefined;
}
