import { type TaskState } from '../../state/activity-state.js';
import { type PlannedTask } from '../../plan/plan.js';
import {
  type CancelSignal,
  type EventSignal,
  type Signal,
  type TaskSignal,
} from '../../state/signal.js';
import { type Received, type WaitInput } from '../../task-types/task-behaviour.js';
import { type WaitingTask, type WaitReason } from '../../state/waiting.js';
import { timeOutAttempt } from '../attempts/end-attempt.js';
import { cancelledFailure, cancelTask } from '../end-run.js';
import { endUnbegun } from '../run-again.js';
import { type RunDraft } from '../run-draft.js';
import { contextOf, settle } from '../settle.js';
import { forceTask } from './force-task.js';
import { resumeRun } from './resume-run.js';
import { isOver } from '../task-transitions.js';

type Ignored = Extract<Received, { kind: 'ignored' }>;

const IGNORED: Ignored = { kind: 'ignored' };

/**
 * Applies a signal exactly once, however often it comes, as long as its id is among the last `TAKEN_SIGNALS_MAX`.
 * A signal that nothing waits for yet is kept for a later wait: of a task that has not begun, or that will begin
 * another attempt.
 *
 * Signals of workers and of runs that tasks began are not remembered by id and not kept early: there may be very
 * many, and they would displace the others. They are idempotent by content: a result ends its attempt, so a
 * repeat finds no such attempt.
 */
export function takeSignal(run: RunDraft, signal: Signal): void {
  if (isRemembered(signal) && !run.signals.take(signal.id)) return;
  switch (signal.kind) {
    case 'cancel':
      cancel(run, signal);
      return;
    case 'slot-granted':
      run.takeSlot(signal.slot);
      return;
    case 'resume':
      resumeRun(run, signal);
      return;
    case 'force':
      forceTask(run, signal);
      return;
    case 'event':
    case 'vote':
    case 'worker-result':
    case 'worker-progress':
    case 'child-started':
    case 'child-refused':
    case 'child-ended':
    case 'children-made':
    case 'children-results':
    case 'lock-granted':
      tell(run, signal);
  }
}

/** Applies the early signals that a task, which has just begun to wait, waits for. */
export function takeEarly(run: RunDraft, task: PlannedTask): void {
  for (const signal of run.signals.early) {
    const isOfTask = isFor(signal, task, run.stateOf(task));
    if (isOfTask && receive(run, task, signal) === 'taken') run.signals.forget(signal);
  }
}

/** Moves a task whose `until` has come. If its behaviour ignores that, the attempt has timed out. */
export function comeDue(run: RunDraft, task: PlannedTask, waiting: WaitingTask): void {
  if (receive(run, task, { kind: 'due' }) === 'taken') takeEarly(run, task);
  else timeOutAttempt(run, task, waiting);
}

function tell(run: RunDraft, signal: TaskSignal): void {
  let isTaken = false;
  for (const task of addressees(run, signal)) {
    if (!isFor(signal, task, run.stateOf(task))) continue;
    const received = receive(run, task, signal);
    if (received === 'taken') {
      isTaken = true;
      takeEarly(run, task);
    } else if (received.ask !== undefined && run.outbox.fits([received.ask])) {
      run.outbox.post(received.ask);
    }
  }
  if (isTaken || giveBackUnneeded(run, signal)) return;
  if (all(run, signal).some((task) => mayYetTake(run, task, signal))) run.signals.keep(signal);
}

/**
 * Gives back what was granted to an attempt that does not wait for it and does not have it. A request that was held up on
 * its way may come after its release, and would keep what it asks for from everybody, this run included. An earlier
 * release that is still in the outbox does not help: it may have been delivered.
 * @returns whether the signal grants something
 */
function giveBackUnneeded(run: RunDraft, signal: TaskSignal): boolean {
  if (signal.kind === 'event') return false;
  const entry = run.plan.byName.get(signal.task)?.behaviour.giveBack?.(signal);
  if (entry === undefined) return false;
  if (!run.outbox.isHeld(entry) && run.outbox.fits([entry])) run.outbox.post(entry);
  return true;
}

/** The tasks that may wait for the signal now. */
function addressees(run: RunDraft, signal: TaskSignal): readonly PlannedTask[] {
  return signal.kind === 'event' ? run.tasks.table.begun() : all(run, signal);
}

/** The tasks that may wait for the signal at any time in the run. */
function all({ plan }: RunDraft, signal: TaskSignal): readonly PlannedTask[] {
  if (signal.kind === 'event') return plan.tasks;
  const task = plan.byName.get(signal.task);
  return task === undefined ? [] : [task];
}

/** Whether the signal is for what the task waits for. */
function isFor(signal: TaskSignal, task: PlannedTask, state: TaskState): boolean {
  if (state.status !== 'waiting') return false;
  return signal.kind === 'event'
    ? state.on.kind === 'event' && isMeant(signal, state.on)
    : signal.task === task.name && !isFenced(signal, state);
}

/** An event without a correlation key was sent to this run by its id, so it matches every wait for its topic. */
function isMeant(signal: EventSignal, on: Extract<WaitReason, { kind: 'event' }>): boolean {
  const { correlationKey: key } = signal;
  const wanted = on.correlationKey ?? key;
  return on.topic === signal.topic && (key === undefined || wanted === key);
}

/**
 * Whether the run keeps the id of the signal (`ActivityState.taken`). It does not for kinds of which it may get any
 * number: a repeat of one has no effect, because of its content.
 */
export function isRemembered({ kind }: Signal): boolean {
  return !MANY.has(kind);
}

const MANY: ReadonlySet<Signal['kind']> = new Set([
  'worker-result',
  'worker-progress',
  'child-started',
  'child-refused',
  'child-ended',
  'children-made',
  'children-results',
]);

/**
 * Whether a task may wait for the signal later. The senders of the kinds in `MANY` learn of an attempt from the
 * outbox, which is committed together with the wait, so those signals are never early.
 */
function mayYetTake(run: RunDraft, task: PlannedTask, signal: TaskSignal): boolean {
  if (!isRemembered(signal) || task.behaviour.receive === undefined) return false;
  const state = run.stateOf(task);
  if (isOver(state.status)) return false;
  if (signal.kind === 'event') return true;
  return signal.task === task.name && (state.status !== 'waiting' || !isFenced(signal, state));
}

/** Whether the signal is for another attempt than the one that waits. */
function isFenced(signal: TaskSignal, { attempt }: WaitingTask): boolean {
  return 'attempt' in signal && signal.attempt !== attempt;
}

/** Offers an input to the task's behaviour. */
function receive(run: RunDraft, task: PlannedTask, input: WaitInput): 'taken' | Ignored {
  const state = run.stateOf(task);
  if (state.status !== 'waiting' || isBetweenAttempts(state.on)) return IGNORED;
  const context = contextOf(run, task, state);
  const received = task.behaviour.receive?.(state, input, context) ?? IGNORED;
  if (received.kind === 'ignored') return received;
  settle(run, task, state, received);
  return 'taken';
}

function isBetweenAttempts({ kind }: WaitReason): boolean {
  return kind === 'retry' || kind === 'slot' || kind === 'paused';
}

/** Cancels the run; tasks of `finally` still run. A run that was cancelled or timed out before keeps that outcome. */
function cancel(run: RunDraft, signal: CancelSignal): void {
  if (run.concluded?.isForced === true) return;
  const { by, reason } = signal;
  if (by !== undefined) run.signals.note({ at: run.now, by, what: 'cancelled', reason });
  const outcome = { status: 'cancelled', failure: cancelledFailure(signal) } as const;
  // No task is under way: `finally` would need the slot and has nothing to clean up.
  if (run.isQueued || run.attempts.isBetween) {
    endUnbegun(run, outcome);
    return;
  }
  run.stopTasks('main', cancelTask(run.now));
  run.conclude({ outcome, isForced: true });
}
