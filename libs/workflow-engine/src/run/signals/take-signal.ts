import { type TaskState } from '../../state/activity-state.js';
import { type PlannedTask } from '../../plan/plan.js';
import {
  type CancelSignal,
  type EventSignal,
  type Signal,
  type TaskSignal,
} from '../../state/signal.js';
import { type WaitInput } from '../../task-types/task-behaviour.js';
import { type WaitingTask, type WaitReason } from '../../state/waiting.js';
import { timeOutAttempt } from '../attempts/end-attempt.js';
import { cancelledFailure, cancelTask } from '../end-run.js';
import { endUnbegun } from '../run-again.js';
import { type RunDraft } from '../run-draft.js';
import { contextOf, settle } from '../settle.js';
import { forceTask } from './force-task.js';
import { resumeRun } from './resume-run.js';
import { isOver } from '../task-transitions.js';

/**
 * Applies a signal, once however often it comes (`TAKEN_SIGNALS_MAX`). One that nothing waits for yet
 * is kept for what may: a task that has not got there, or that is about to begin another attempt.
 *
 * What workers send has no place in that memory, nor in the mailbox: they may send as much as they like,
 * and would push out what others sent. A result ends the attempt that it is for, so it counts once. So it is
 * with the runs that tasks begin: there may be very many of them.
 */
export function takeSignal(run: RunDraft, signal: Signal): void {
  if (!isOfMany(signal) && !run.mail.take(signal.id)) return;
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

/** Gives a task that has just begun to wait what came for it before, as far as it waits for that. */
export function takeEarly(run: RunDraft, task: PlannedTask): void {
  for (const signal of run.mail.early) {
    const isOfTask = isFor(signal, task, run.stateOf(task));
    if (isOfTask && receive(run, task, signal)) run.mail.forget(signal);
  }
}

/** The time that a task waits for has come. Without a behaviour for that, the attempt took too long. */
export function comeDue(run: RunDraft, task: PlannedTask, waiting: WaitingTask): void {
  if (receive(run, task, { kind: 'due' })) takeEarly(run, task);
  else timeOutAttempt(run, task, waiting);
}

function tell(run: RunDraft, signal: TaskSignal): void {
  let isTaken = false;
  for (const task of addressees(run, signal)) {
    if (!isFor(signal, task, run.stateOf(task)) || !receive(run, task, signal)) continue;
    isTaken = true;
    takeEarly(run, task);
  }
  if (!isTaken && all(run, signal).some((task) => mayYetTake(run, task, signal))) {
    run.mail.keep(signal);
  }
}

/** The tasks that may wait for it now. */
function addressees(run: RunDraft, signal: TaskSignal): readonly PlannedTask[] {
  return signal.kind === 'event' ? run.tasks.table.begun() : all(run, signal);
}

/** The tasks that may ever wait for it. */
function all({ plan }: RunDraft, signal: TaskSignal): readonly PlannedTask[] {
  if (signal.kind === 'event') return plan.tasks;
  const task = plan.byName.get(signal.task);
  return task === undefined ? [] : [task];
}

/** Whether the task waits for signals of that name. */
function isFor(signal: TaskSignal, task: PlannedTask, state: TaskState): boolean {
  if (state.status !== 'waiting') return false;
  return signal.kind === 'event'
    ? state.on.kind === 'event' && isMeant(signal, state.on)
    : signal.task === task.name && !isFenced(signal, state);
}

/** Whoever sends an event without a key has named the run, and means whatever waits for the topic. */
function isMeant(signal: EventSignal, on: Extract<WaitReason, { kind: 'event' }>): boolean {
  const { correlationKey: key } = signal;
  const wanted = on.correlationKey ?? key;
  return on.topic === signal.topic && (key === undefined || wanted === key);
}

/** There may be any number of them; each counts once by what it says. */
function isOfMany(signal: Signal): boolean {
  return MANY.has(signal.kind);
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

/** Who sends them is told of the attempt by what is committed with its wait, so none is early. */
function mayYetTake(run: RunDraft, task: PlannedTask, signal: TaskSignal): boolean {
  if (isOfMany(signal) || task.behaviour.receive === undefined) return false;
  const state = run.stateOf(task);
  if (isOver(state.status)) return false;
  if (signal.kind === 'event') return true;
  return signal.task === task.name && (state.status !== 'waiting' || !isFenced(signal, state));
}

/** Whether it answers another attempt than the one that waits. */
function isFenced(signal: TaskSignal, { attempt }: WaitingTask): boolean {
  return 'attempt' in signal && signal.attempt !== attempt;
}

/** Whether the task's behaviour has taken it. */
function receive(run: RunDraft, task: PlannedTask, input: WaitInput): boolean {
  const state = run.stateOf(task);
  if (state.status !== 'waiting' || isBetweenAttempts(state.on)) return false;
  const context = contextOf(run, task, state);
  const received = task.behaviour.receive?.(state, input, context) ?? { kind: 'ignored' };
  if (received.kind === 'ignored') return false;
  settle(run, task, state, received);
  return true;
}

function isBetweenAttempts({ kind }: WaitReason): boolean {
  return kind === 'retry' || kind === 'slot' || kind === 'paused';
}

/** The tasks of `finally` run all the same. What ended the run from outside first, counts. */
function cancel(run: RunDraft, signal: CancelSignal): void {
  if (run.concluded?.isForced === true) return;
  const { by, reason } = signal;
  if (by !== undefined) run.mail.note({ at: run.now, by, what: 'cancelled', reason });
  const outcome = { status: 'cancelled', failure: cancelledFailure(signal) } as const;
  // Those of `finally` would need the slot, too, and there is nothing that they could clear away.
  if (run.isQueued || run.attempts.isBetween) {
    endUnbegun(run, outcome);
    return;
  }
  run.stopTasks('main', cancelTask(run.now));
  run.conclude({ outcome, isForced: true });
}
