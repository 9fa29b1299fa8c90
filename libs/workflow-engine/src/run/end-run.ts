import {
  type ActivityState,
  type Failure,
  type Signal,
  type TaskState,
} from '../activity-state.js';
import { FAILURE_CODES } from '../failure-codes.js';
import { workflowFailure } from './failures.js';
import { isFinal } from './final-status.js';

type Tasks = ActivityState['tasks'];
type BegunTask = Extract<TaskState, { status: 'running' | 'waiting' }>;

/**
 * Ends a run that can't go on for a reason that no plan knows of. What it has done stays to be seen:
 * tasks that had begun fail with it, those that had not are skipped. A cancellation among `signals`
 * decides, because whoever sent it was told that it counts.
 *
 * @param state undefined when the run had not begun
 * @param signals those in the inbox
 */
export function breakRun(
  state: ActivityState | undefined,
  failure: Failure,
  signals: readonly Signal[],
  now: number,
): ActivityState {
  if (state !== undefined && isFinal(state.status)) return state;
  const { startedAt, timeoutAt, tasks, results } = state ?? {
    startedAt: now,
    tasks: {},
    results: {},
  };
  const base = { startedAt, endedAt: now, ...(timeoutAt !== undefined && { timeoutAt }), results };
  const cancel = signals.find(isCancellation);
  if (cancel !== undefined) {
    const failure = cancelledFailure(cancel);
    return { ...base, status: 'cancelled', tasks: endTasks(tasks, now, cancelTask(now)), failure };
  }
  const fail = ({ attempt, startedAt }: BegunTask): TaskState => ({
    status: 'failed',
    attempt,
    startedAt,
    endedAt: now,
    failure,
  });
  return { ...base, status: 'failed', tasks: endTasks(tasks, now, fail), failure };
}

/**
 * Ends a run whose results no longer fit on record: without them, the rest can be seen. One that was
 * cancelled or timed out stays that.
 */
export function dropResults(state: ActivityState, message: string, now: number): ActivityState {
  const failure = workflowFailure(FAILURE_CODES.ACTIVITY_TOO_LARGE, message);
  const stopped = state.status === 'cancelled' || state.status === 'timedout';
  const ended = stopped
    ? state
    : { ...breakRun({ ...state, status: 'running' }, failure, [], now), failure };
  const tasks = Object.entries(ended.tasks).map(([name, task]) => [name, withoutResults(task)]);
  return { ...ended, tasks: Object.fromEntries(tasks) as Tasks, results: {} };
}

/** Why a run is not taken up again after so many takeovers in a row. */
export function brokeOffFailure(state: ActivityState | undefined, takeovers: number): Failure {
  const begun = Object.entries(state?.tasks ?? {})
    .filter(([, { status }]) => status === 'running')
    .map(([name]) => `"${name}"`);
  const where = begun.length === 0 ? 'with no task running' : `during ${begun.join(', ')}`;
  const message =
    `${takeovers} times in a row its executor died or broke off, ${where}, so it is not taken up ` +
    'again. See in the logs of the executors why, and send the event again with another id';
  return workflowFailure(FAILURE_CODES.EXECUTION_BROKE_OFF, message);
}

export function cancelledFailure({ reason }: Signal): Failure {
  return workflowFailure(FAILURE_CODES.CANCELLED, `Cancelled: ${reason}`);
}

export function cancelTask(now: number): (task: BegunTask) => TaskState {
  return ({ startedAt }) => ({ status: 'cancelled', startedAt, endedAt: now });
}

/** Every task is over afterwards. */
function endTasks(tasks: Tasks, now: number, stop: (task: BegunTask) => TaskState): Tasks {
  const ended = Object.entries(tasks).map(([name, task]): [string, TaskState] => {
    if (task.status === 'pending') return [name, { status: 'skipped', endedAt: now }];
    return [name, task.status === 'running' || task.status === 'waiting' ? stop(task) : task];
  });
  return Object.fromEntries(ended);
}

function withoutResults(task: TaskState): TaskState {
  return 'results' in task ? { ...task, results: {} } : task;
}

function isCancellation({ kind }: { readonly kind: string }): boolean {
  return kind === 'cancel';
}
