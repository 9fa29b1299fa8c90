import { type Effect, type TaskState } from '../../state/activity-state.js';
import { FAILURE_CODES } from '../../state/failure.js';
import { ownMember } from '../../own-member.js';
import { resolveParams } from '../../parameters/resolve.js';
import { type PlannedTask } from '../../plan/plan.js';
import { type CallRequest, type Reached } from '../../task-types/task-behaviour.js';
import { type RunDraft } from '../run-draft.js';
import { sourcesOf } from '../outcome.js';
import { contextOf, FOR_GOOD, settle, waitsForOutbox } from '../settle.js';
import { keyAtOf } from './idempotency-key.js';
import { takeEarly } from '../signals/take-signal.js';

type Running = Extract<TaskState, { status: 'running' }>;
type HandedOut = Running & { readonly timeoutAt: number };
type Usable = Exclude<Reached, { kind: 'invalid' }>;

/**
 * Begins a task that is reached. A task that succeeded in an earlier run takes its results from there. For any other
 * task the count of attempts continues, and a key whose calls may have had an effect stays in use.
 */
export function beginTask(
  run: RunDraft,
  task: PlannedTask,
  { kept, results = {} }: Extract<TaskState, { status: 'pending' }>,
): void {
  const { name } = task;
  if (kept !== undefined) {
    run.move(name, { status: 'succeeded', ...kept, results });
    return;
  }
  const attempt = run.attempts.beforeOf(name) + 1;
  const key = ownMember(run.before.earlier?.keys, name);
  beginAttempt(run, task, attempt, key?.attempt ?? attempt, key && { keyAt: key.at });
}

/**
 * Begins an attempt now: a pure task is over at once, a call is handed out, and a waiting task takes the signals that
 * came before it.
 * @param earlier hand-outs of this attempt that got no slot, and when its key was first used
 */
export function beginAttempt(
  run: RunDraft,
  task: PlannedTask,
  attempt: number,
  keyAttempt: number,
  earlier: Pick<Running, 'keyAt' | 'repeats' | 'unsent'> = {},
): void {
  const begun = { attempt, keyAttempt, startedAt: run.now, ...earlier };
  const reached = reach(run, task, begun);
  if (reached.kind === 'effect') {
    const times = attemptTimes(run, task, reached.effect);
    const running = { status: 'running', ...begun, ...times } as const;
    run.move(task.name, running);
    handOut(run, task.name, running, reached.effect);
    return;
  }
  if (waitsForOutbox(run, task, begun, reached)) return;
  const { timeoutMs } = task;
  const timeout = timeoutMs !== undefined && { timeoutAt: run.now + timeoutMs };
  settle(run, task, { ...begun, ...timeout }, reached);
  if (reached.kind === 'wait') takeEarly(run, task);
}

/**
 * Hands out the call of a running task again, because the process that made it died. The attempt stays the
 * same, counts the repeat, and gets its whole time again. Its parameters are resolved again, from the same immutable
 * results and scope, so they need not be stored.
 */
export function repeatAttempt(run: RunDraft, task: PlannedTask, running: Running): void {
  const keyAt = keyAtOf(running);
  const reached = reach(run, task, { ...running, keyAt });
  if (reached.kind === 'effect') {
    const { queued: _, ...attempt } = running;
    const repeats = (running.repeats ?? 0) + 1;
    const repeated = { ...attempt, keyAt, repeats, ...attemptTimes(run, task, reached.effect) };
    run.move(task.name, repeated);
    handOut(run, task.name, repeated, reached.effect);
  } else if (reached.kind === 'failed') {
    settle(run, task, running, reached);
  }
}

function attemptTimes(
  { now }: RunDraft,
  { timeoutMs }: PlannedTask,
  { timeoutMsDefault }: CallRequest,
): { readonly startedAt: number; readonly timeoutAt: number } {
  return { startedAt: now, timeoutAt: now + (timeoutMs ?? timeoutMsDefault) };
}

/** Copies members one by one, because spreading the request would be a third of the cost of a step. */
function handOut(
  run: RunDraft,
  task: string,
  { attempt, keyAttempt, repeats = 0, timeoutAt }: HandedOut,
  { kind, type, params }: CallRequest,
): void {
  const effect = { kind, type, params, task, attempt, keyAttempt, timeoutAt } as Effect;
  run.effects.push(repeats === 0 ? effect : { ...effect, repeats });
}

function reach(
  run: RunDraft,
  task: PlannedTask,
  attempt: Pick<Running, 'attempt' | 'keyAttempt' | 'keyAt'>,
): Usable {
  const resolution = resolveParams(task.params, sourcesOf(run, task));
  if (resolution.kind === 'unresolved') {
    const { code, message } = resolution;
    return { kind: 'failed', code, message, ...FOR_GOOD };
  }
  const reached = task.behaviour.reach(resolution.params, contextOf(run, task, attempt));
  if (reached.kind !== 'invalid') return reached;
  const message = `The parameter "${reached.param}" ${reached.detail}`;
  return { kind: 'failed', code: FAILURE_CODES.PARAM_INVALID, message, ...FOR_GOOD };
}
