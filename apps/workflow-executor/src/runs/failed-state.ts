import { type FlowError } from '@app/errors';
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
