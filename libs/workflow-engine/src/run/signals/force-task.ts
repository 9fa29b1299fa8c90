import { keyAtOf, openOf } from '../attempts/idempotency-key.js';
import { FAILURE_CODES } from '../../state/failure.js';
import { taskFailure } from '../../state/failure.js';
import { type PlannedTask } from '../../plan/plan.js';
import { type ForceSignal } from '../../state/signal.js';
import { type TaskState } from '../../state/activity-state.js';
import { type RunDraft } from '../run-draft.js';
import { FOR_GOOD, settle } from '../settle.js';

type BegunTask = Extract<TaskState, { status: 'running' | 'waiting' }>;

/**
 * Applies an operator's decision about a task that has begun, and records who made it. A task that has not begun
 * or is over stays as it is.
 *
 * @param how `as a part` of another operation (a resumed run), which is recorded instead
 */
export function forceTask(run: RunDraft, signal: ForceSignal, how?: 'as a part'): void {
  const { task: name, outcome, results, reason, by, request } = signal;
  const task = run.plan.byName.get(name);
  const state = run.task(name);
  if (task === undefined || (state.status !== 'running' && state.status !== 'waiting')) return;
  const known = request !== undefined && { request };
  if (how === undefined)
    run.signals.note({ at: run.now, by, what: outcome, task: name, reason, ...known });
  run.outbox.giveBack(name);
  const given = results !== undefined && { results };
  const message = `Ended by ${by}: ${reason}`;
  const code = FAILURE_CODES.TASK_FORCED;
  switch (outcome) {
    case 'succeeded':
      settle(run, task, state, { kind: 'done', ...given });
      break;
    case 'failed':
      settle(run, task, state, { kind: 'failed', code, message, ...endOf(state), ...given });
      break;
    case 'skipped':
      // For the next attempt of the run, which counts on and keeps the key of a call whose outcome is unknown.
      run.move(name, {
        status: 'skipped',
        endedAt: run.now,
        attempt: state.attempt,
        ...openOf(state),
      });
      break;
    case 'retried':
      retryNow(run, task, state, signal);
      return;
  }
  run.tasks.noteForced(name, { by, reason });
}

/** The attempt's outcome is unknown if a call of it was handed out: the call may have had its effect. */
function endOf(state: BegunTask): { readonly retryable: false; readonly outcomeKnown: boolean } {
  return { ...FOR_GOOD, outcomeKnown: openOf(state).open === undefined };
}

/**
 * Makes another attempt due at once. The outcome of a call that is under way is unknown, so the next attempt
 * keeps its idempotency key. If the task waits for its next attempt already (`retry`, `paused`), that attempt
 * begins, and no further one is counted.
 */
function retryNow(
  run: RunDraft,
  { name }: PlannedTask,
  state: BegunTask,
  { by, reason }: ForceSignal,
): void {
  const on = state.status === 'waiting' ? state.on : undefined;
  const waitsForIt = on?.kind === 'retry' || on?.kind === 'paused';
  const { attempt, keyAttempt } = state;
  const keyAt = waitsForIt ? state.keyAt : keyAtOf(state);
  const failure = waitsForIt
    ? on.failure
    : taskFailure(name, FAILURE_CODES.TASK_FORCED, `Tried again by ${by}: ${reason}`);
  run.move(name, {
    status: 'waiting',
    on: { kind: 'retry', since: run.now, until: run.now, failure },
    attempt: waitsForIt ? attempt : attempt + 1,
    keyAttempt,
    ...(keyAt !== undefined && { keyAt }),
    startedAt: run.now,
  });
}
