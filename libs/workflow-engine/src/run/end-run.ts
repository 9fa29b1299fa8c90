import {
  type ActivityState,
  type Advance,
  type Outcome,
  type TaskState,
} from '../state/activity-state.js';
import { type Failure, FAILURE_CODES, workflowFailure } from '../state/failure.js';
import { type CancelSignal, type Signal } from '../state/signal.js';
import { isFinal } from '../state/activity-status.js';
import { type Writable } from '../writable.js';
import { openOf } from './attempts/idempotency-key.js';
import { RunOutbox } from './run-outbox.js';
import { skippedTask } from './task-transitions.js';

type Tasks = ActivityState['tasks'];
type Begun = Pick<
  ActivityState,
  'startedAt' | 'timeoutAt' | 'scope' | 'earlier' | 'again' | 'operations' | 'tasks' | 'results'
>;
type BegunTask = Extract<TaskState, { status: 'running' | 'waiting' }>;

/**
 * Ends a run for a reason outside its plan. Tasks that had begun fail with `failure`, pending ones are skipped, and the
 * holds of the run are released. A cancellation among `signals` takes precedence, because its caller was answered that
 * it was accepted. A run that is over does not change.
 * @param state undefined when the run has no state yet
 * @param signals the signals in the inbox of the run
 */
export function breakRun(
  state: ActivityState | undefined,
  failure: Failure,
  signals: readonly Signal[],
  now: number,
): Advance {
  if (state !== undefined && isFinal(state.status)) return { state, effects: [], outbox: [] };
  const begun: Begun = state ?? { startedAt: now, tasks: {}, results: {} };
  const { startedAt, timeoutAt, scope, earlier, again, operations, tasks, results } = begun;
  const outbox = new RunOutbox(state ?? {}, now);
  outbox.giveBack();
  const base: Writable<Omit<ActivityState, 'status' | 'tasks'>> = {
    // A queued run never began, so its start is recorded as its end.
    startedAt: state?.status === 'queued' ? now : startedAt,
    endedAt: now,
    ...(timeoutAt !== undefined && { timeoutAt }),
    ...(scope !== undefined && { scope }),
    ...(earlier !== undefined && { earlier }),
    ...(again !== undefined && { again }),
    ...(operations !== undefined && { operations }),
    results,
  };
  outbox.writeTo(base);
  const ended = (state: ActivityState): Advance => ({ state, effects: [], outbox: outbox.entries });
  const cancel = signals.find(isCancellation);
  if (cancel !== undefined) {
    const failure = cancelledFailure(cancel);
    const stopped = endTasks(tasks, now, cancelTask(now));
    return ended({ ...base, status: 'cancelled', tasks: stopped, failure });
  }
  const { status = 'failed', failure: why = failure } = forcedOutcome(state) ?? {};
  const fail = (task: BegunTask): TaskState => ({
    status: 'failed',
    attempt: task.attempt,
    startedAt: task.startedAt,
    endedAt: now,
    failure,
    ...openOf(task),
  });
  return ended({ ...base, status, tasks: endTasks(tasks, now, fail), failure: why });
}

/** The outcome of a run that was cancelled or timed out and had only its tasks of `finally` left. */
function forcedOutcome(state: ActivityState | undefined): Outcome | undefined {
  return state?.concluded?.isForced === true ? state.concluded.outcome : undefined;
}

/**
 * Ends a run whose document is too large for its store, without its results. The run fails with `ACTIVITY_TOO_LARGE`,
 * unless it was cancelled or timed out.
 */
export function dropResults({ state, outbox }: Advance, message: string, now: number): Advance {
  const failure = workflowFailure(FAILURE_CODES.ACTIVITY_TOO_LARGE, message);
  const stopped = state.status === 'cancelled' || state.status === 'timedout';
  const broken = breakRun({ ...state, status: 'running' }, failure, [], now);
  const ended = stopped ? state : { ...broken.state, failure };
  const cut = withoutAllResults(ended);
  // The entries of the last step are kept, before those that cancel them.
  const entries = stopped ? outbox : [...outbox, ...broken.outbox];
  return { state: cut, effects: [], outbox: entries };
}

/** The failure of a run that was taken over too often in a row. */
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

export function cancelledFailure({ reason, code }: CancelSignal): Failure {
  if (code !== undefined) return workflowFailure(code, reason);
  return workflowFailure(FAILURE_CODES.CANCELLED, `Cancelled: ${reason}`);
}

export function cancelTask(now: number): (task: BegunTask) => TaskState {
  return (task) => {
    const { startedAt, attempt } = task;
    return { status: 'cancelled', startedAt, endedAt: now, attempt, ...openOf(task) };
  };
}

/** Ends every task that is not over. */
function endTasks(tasks: Tasks, now: number, stop: (task: BegunTask) => TaskState): Tasks {
  const ended = Object.entries(tasks).map(([name, task]): [string, TaskState] => {
    if (task.status === 'pending') return [name, skippedTask(task, now)];
    return [name, task.status === 'running' || task.status === 'waiting' ? stop(task) : task];
  });
  return Object.fromEntries(ended);
}

/** A run's state without its results and those of its tasks. */
export function withoutAllResults(state: ActivityState): ActivityState {
  const tasks = Object.entries(state.tasks).map(([name, task]) => [name, withoutResults(task)]);
  return { ...state, tasks: Object.fromEntries(tasks) as Tasks, results: {} };
}

/** A task without its results can't be taken over by a later run, so it is marked `cut`, or loses `kept`. */
function withoutResults(task: TaskState): TaskState {
  if (!('results' in task)) return task;
  if (task.status === 'succeeded') {
    const isCut = Object.keys(task.results).length > 0;
    return { ...task, results: {}, ...(isCut && { cut: true }) };
  }
  const { kept: _, ...rest } = { kept: undefined, ...task };
  return { ...rest, results: {} };
}

/** Whether results of its tasks were too large for the store and were dropped. */
export function hasLostResults({
  tasks,
  failure,
}: Pick<ActivityState, 'tasks' | 'failure'>): boolean {
  if (failure?.code === FAILURE_CODES.ACTIVITY_TOO_LARGE) return true;
  return Object.values(tasks).some((task) => task.status === 'succeeded' && task.cut === true);
}

function isCancellation(signal: Signal): signal is CancelSignal {
  return signal.kind === 'cancel';
}
