import { type ActivityState, type Advance, type Input } from '../state/activity-state.js';
import { FAILURE_CODES, workflowFailure } from '../state/failure.js';
import { type OutboxEntry } from '../state/outbox-entry.js';
import { type RunScope } from '../parameters/find-value.js';
import { type Plan, type PlannedTask } from '../plan/plan.js';
import { type WaitingTask } from '../state/waiting.js';
import { beginAttempt, beginTask, repeatAttempt } from './attempts/begin-attempt.js';
import { readinessOf } from './edges.js';
import { outcomeOf } from './outcome.js';
import { takeResult, timeOutAttempt } from './attempts/end-attempt.js';
import { openOf } from './attempts/idempotency-key.js';
import { isFinal } from '../state/activity-status.js';
import { beginAgain, endUnbegun, goOnAgain } from './run-again.js';
import { RunDraft } from './run-draft.js';
import { comeDue, takeSignal } from './signals/take-signal.js';
import { isOver, skippedTask } from './task-transitions.js';

/**
 * Moves a run as far as it can go without waiting. Pure: the same arguments give the same answer,
 * so any executor can continue a run.
 *
 * 1. A task or run that is over never changes again.
 * 2. A result counts only for the attempt that is running; a late or repeated one changes nothing.
 * 3. Results and signals are taken in the order given, then timers (if `time` is among the inputs).
 * 4. A state that is not final names what it waits for; `nextWakeAt` is the next instant at which time changes it.
 * 5. The state is the same reference when nothing changed: then there is nothing to commit.
 *
 * `scope` must be the one the run began with; see `RunScope`.
 *
 * @param pending entries of earlier steps in the outbox that are not delivered yet
 */
export function advance(
  plan: Plan,
  state: ActivityState,
  scope: RunScope,
  inputs: readonly Input[],
  now: number,
  pending: readonly OutboxEntry[] = [],
): Advance {
  if (isFinal(state.status)) return { state, effects: [], outbox: [] };
  const run = new RunDraft(plan, state, scope, now, pending);
  if (run.isQueued) run.askForSlot();
  for (const input of inputs) {
    if (input.kind === 'task-result' && !run.ended) takeResult(run, input.result);
    if (input.kind === 'signal' && !run.ended) takeSignal(run, input.signal);
  }
  const timers = inputs.some(({ kind }) => kind === 'time');
  if (timers && !run.ended && isDue(run.timeoutAt, now)) timeOutRun(run);
  if (timers && isDue(run.attempts.again?.until, now)) goOnAgain(run);
  if (!run.ended && !run.isQueued && !run.attempts.isBetween) takeSteps(run, timers, inputs);
  return { state: run.toState(), effects: run.effects, outbox: run.outbox.entries };
}

/** One pass is enough: tasks are in topological order, so a task sees the ends of all tasks before it. */
function takeSteps(run: RunDraft, timers: boolean, inputs: readonly Input[]): void {
  if (timers) run.tasks.noteDue(run.now);
  const resumes = inputs.filter((input) => input.kind === 'resume');
  for (const { tasks } of resumes) run.tasks.noteBegun(tasks);
  const isResumed = resumedBy(resumes);
  let task = run.tasks.nextToLookAt(0);
  for (; task !== undefined; task = run.tasks.nextToLookAt(task.at + 1)) {
    if (task.isLast && run.concluded === undefined) break;
    takeStep(run, task, timers, isResumed(task.name));
    if (task === run.plan.end && isOver(run.stateOf(task).status)) concludeRun(run);
  }
  if (run.concluded !== undefined) endIfOver(run);
}

function takeStep(run: RunDraft, task: PlannedTask, timers: boolean, isResumed: boolean): void {
  const state = run.stateOf(task);
  if (state.status === 'pending') {
    const fate = readinessOf(run, task);
    if (fate === 'run') beginTask(run, task, state);
    if (fate === 'skip') run.move(task.name, skippedTask(state, run.now));
  } else if (state.status === 'waiting') {
    if (timers) goOnInTime(run, task, state);
  } else if (state.status === 'running') {
    if (isResumed) repeatAttempt(run, task, state);
    else if (timers && isDue(state.timeoutAt, run.now)) timeOutAttempt(run, task, state);
  }
}

/** All tasks lead to `end`, so when it is over, all others are, except those of `finally`. */
function concludeRun(run: RunDraft): void {
  if (run.concluded === undefined) run.conclude({ outcome: outcomeOf(run) });
}

function endIfOver(run: RunDraft): void {
  if (!run.tasks.table.areOver) return;
  const outcome = outcomeOf(run);
  if (!beginAgain(run, outcome)) run.end(outcome.status, outcome.failure);
}

/** At the same instant the timeout of a task takes precedence over the end of its wait. */
function goOnInTime(run: RunDraft, task: PlannedTask, waiting: WaitingTask): void {
  const { attempt, keyAttempt, on, timeoutAt } = waiting;
  if (isDue(timeoutAt, run.now)) timeOutAttempt(run, task, waiting);
  else if (!isDue(on.until, run.now)) return;
  else if (on.kind !== 'retry' && on.kind !== 'slot') comeDue(run, task, waiting);
  else beginAttempt(run, task, attempt, keyAttempt, earlierOf(waiting));
}

/** The counts of earlier hand-outs, of the waiting attempt and of those before with its key. */
function earlierOf({ keyAt, repeats, unsent }: WaitingTask): {
  readonly keyAt?: number;
  readonly repeats?: number;
  readonly unsent?: number;
} {
  return {
    ...(keyAt !== undefined && { keyAt }),
    ...(repeats !== undefined && { repeats }),
    ...(unsent !== undefined && { unsent }),
  };
}

function resumedBy(
  resumes: readonly Extract<Input, { kind: 'resume' }>[],
): (task: string) => boolean {
  return (task) => resumes.some(({ tasks }) => tasks === undefined || tasks.includes(task));
}

function isDue(at: number | undefined, now: number): boolean {
  return at !== undefined && at <= now;
}

/** Ends a run whose timeout has passed, or that of its tasks of `finally` once the others are over. */
function timeOutRun(run: RunDraft): void {
  const isLast = run.concluded !== undefined;
  const tookMs = run.now - (run.concluded?.at ?? run.before.startedAt);
  const message = isLast
    ? `The tasks of finally were not over after ${tookMs} ms, longer than they may take`
    : `The run was not over after ${tookMs} ms, longer than its workflow may take`;
  const failure = workflowFailure(FAILURE_CODES.WORKFLOW_TIMEOUT, message);
  run.stopTasks(isLast ? 'all' : 'main', (task) => ({
    status: 'timedout',
    attempt: task.attempt,
    startedAt: task.startedAt,
    endedAt: run.now,
    failure,
    ...openOf(task),
  }));
  if (run.attempts.isBetween) endUnbegun(run, { status: 'timedout', failure });
  else if (run.concluded?.isForced !== true) {
    run.conclude({ outcome: { status: 'timedout', failure }, isForced: true });
  }
}
