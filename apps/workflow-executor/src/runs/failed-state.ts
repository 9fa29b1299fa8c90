import { type FlowError } from '@app/errors';
import { type Activity } from '@app/persistence';
import { type ActivityState, type Failure, type TaskState } from '@app/workflow-engine';

/** The end of an activity that could not be begun. */
export function failedAtOnce(failure: Failure, now: number): ActivityState {
  return { status: 'failed', startedAt: now, endedAt: now, tasks: {}, results: {}, failure };
}

/** The end of an activity on which the engine itself broke: what it had done stays to be seen. */
export function failedByDefect(
  state: ActivityState | undefined,
  error: unknown,
  now: number,
): ActivityState {
  const message = `The engine broke on this activity: ${String(error)}`;
  const failure: Failure = { level: 'workflow', code: 'ENGINE_DEFECT', message };
  if (!state) return failedAtOnce(failure, now);
  const { startedAt, tasks, results } = state;
  return { status: 'failed', startedAt, endedAt: now, tasks, results, failure };
}

/** Why an activity is not taken up again. */
export function brokenOffFailure({ state, takeovers = 0 }: Activity): Failure {
  const begun = Object.entries(state?.tasks ?? {})
    .filter(([, { status }]) => status === 'running')
    .map(([name]) => `"${name}"`);
  const where = begun.length === 0 ? 'with no task running' : `during ${begun.join(', ')}`;
  const message =
    `${takeovers} times in a row its executor died or broke off, ${where}, so it is not taken up ` +
    'again. See in the logs of the executors why, and send the event again with another id';
  return { level: 'workflow', code: 'EXECUTION_BROKE_OFF', message };
}

/** The end that follows: what had begun has failed with it, and the rest never begins. */
export function failedByBreakingOff(
  state: ActivityState | undefined,
  failure: Failure,
  now: number,
): ActivityState {
  if (!state) return failedAtOnce(failure, now);
  const { startedAt, results } = state;
  const tasks = Object.entries(state.tasks).map(([name, task]) => [
    name,
    brokenOff(task, failure, now),
  ]);
  return {
    status: 'failed',
    startedAt,
    endedAt: now,
    tasks: Object.fromEntries(tasks) as ActivityState['tasks'],
    results,
    failure,
  };
}

function brokenOff(task: TaskState, failure: Failure, now: number): TaskState {
  if (task.status === 'pending') return { status: 'skipped', endedAt: now };
  if (task.status !== 'running' && task.status !== 'waiting') return task;
  const { attempt, startedAt } = task;
  return { status: 'failed', attempt, startedAt, endedAt: now, failure };
}

/** The end of an activity whose results no longer fit on record: without them, the rest can be seen. */
export function failedBySize(state: ActivityState, cause: FlowError, now: number): ActivityState {
  const failure: Failure = { level: 'workflow', code: cause.code, message: cause.message };
  const tasks = Object.entries(state.tasks).map(([name, task]) => [name, withoutResults(task)]);
  const { startedAt } = state;
  return {
    status: 'failed',
    startedAt,
    endedAt: now,
    tasks: Object.fromEntries(tasks) as ActivityState['tasks'],
    results: {},
    failure,
  };
}

function withoutResults(task: TaskState): TaskState {
  return 'results' in task ? { ...task, results: {} } : task;
}
