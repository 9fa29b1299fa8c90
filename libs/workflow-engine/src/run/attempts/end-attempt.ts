import { type FailedOutcome, type TaskResult } from '../../state/task-result.js';
import { type TaskState } from '../../state/activity-state.js';
import { slotOf } from '../../state/call.js';
import { FAILURE_CODES, taskFailure } from '../../state/failure.js';
import { type PlannedTask } from '../../plan/plan.js';
import { type WaitingTask } from '../../state/waiting.js';
import { afterFailure } from './after-failure.js';
import { keyAtOf } from './idempotency-key.js';
import { retryDelayMs } from './retry-delay.js';
import { type RunDraft } from '../run-draft.js';

type Running = Extract<TaskState, { status: 'running' }>;
type Unfinished = Extract<TaskResult['outcome'], { kind: 'queued' | 'begun' | 'postponed' }>;
/** The facts that the end of an attempt needs. */
export type Attempt = Pick<
  WaitingTask,
  'attempt' | 'keyAttempt' | 'keyAt' | 'repeats' | 'unsent' | 'startedAt' | 'timeoutAt'
>;

/**
 * Records a result once. Ignored are results of another attempt, of an earlier hand-out, of an unknown task, and of a
 * task that is over.
 */
export function takeResult(run: RunDraft, result: TaskResult): void {
  const task = run.plan.byName.get(result.task);
  const state = run.task(result.task);
  if (task === undefined || state.status !== 'running' || state.attempt !== result.attempt) return;
  if ((state.repeats ?? 0) !== (result.repeats ?? 0)) return;
  if (isUnfinished(result.outcome)) {
    run.move(task.name, unfinished(run, task, state, result.outcome));
    return;
  }
  const fits = result.outcome.results === undefined || run.fits(result.outcome.results);
  // The call was made: its results are too large, but it may have had an effect.
  const outcome = fits ? result.outcome : { ...RESULTS_TOO_LARGE, outcomeKnown: false };
  if (outcome.kind === 'failed') {
    failAttempt(run, task, state, outcome);
    return;
  }
  const { attempt, startedAt } = state;
  const over = { attempt, startedAt, endedAt: run.now, results: outcome.results };
  run.move(task.name, { status: 'succeeded', ...over });
}

function isUnfinished(outcome: TaskResult['outcome']): outcome is Unfinished {
  return outcome.kind === 'queued' || outcome.kind === 'begun' || outcome.kind === 'postponed';
}

/** Handles a call that was not completed. The timeout of an attempt does not run while its call waits for a slot. */
function unfinished(
  run: RunDraft,
  { type }: PlannedTask,
  state: Running,
  outcome: Unfinished,
): TaskState {
  const { queued, timeoutAt, ...running } = state;
  const timeoutMs = queued?.timeoutMs ?? (timeoutAt ?? state.startedAt) - state.startedAt;
  switch (outcome.kind) {
    case 'queued':
      return { ...running, queued: { timeoutMs } };
    case 'begun':
      return {
        ...running,
        keyAt: keyAtOf(state),
        startedAt: run.now,
        timeoutAt: run.now + timeoutMs,
      };
    case 'postponed': {
      const { attempt, keyAttempt, keyAt, repeats = 0, unsent = 0 } = state;
      const since = keyAt !== undefined && { keyAt };
      const handOuts = { attempt, keyAttempt, ...since, repeats: repeats + 1, unsent: unsent + 1 };
      const until = run.now + outcome.delayMs;
      const on = { kind: 'slot', slot: slotOf(type), since: run.now, until } as const;
      return { status: 'waiting', on, ...handOuts, startedAt: run.now };
    }
  }
}

/** Ends an attempt whose time is over. Whether it had an effect is unknown. */
export function timeOutAttempt(run: RunDraft, task: PlannedTask, state: Attempt): void {
  failAttempt(
    run,
    task,
    state,
    {
      kind: 'failed',
      code: FAILURE_CODES.TASK_TIMEOUT,
      message: `Attempt ${state.attempt} had no result after ${run.now - state.startedAt} ms`,
      retryable: true,
      outcomeKnown: false,
    },
    'timedout',
  );
}

export const RESULTS_TOO_LARGE: FailedOutcome = {
  kind: 'failed',
  code: FAILURE_CODES.RESULTS_TOO_LARGE,
  message:
    'The results of the run would be too large; return less, or store large values elsewhere',
  retryable: false,
  outcomeKnown: true,
};

/** Ends an attempt and releases its resources; the retry policy of the task decides what follows. */
export function failAttempt(
  run: RunDraft,
  task: PlannedTask,
  running: Attempt,
  failed: FailedOutcome,
  status: 'failed' | 'timedout' = 'failed',
): void {
  const { name, retry } = task;
  const { attempt, startedAt } = running;
  const { code, message, outcomeKnown, results, retryAfterMs } = failed;
  const failure = taskFailure(name, code, message);
  run.outbox.giveBack(name);
  const isNewKey = outcomeKnown && isFirstUse(running);
  const ofRun = attempt - run.attempts.beforeOf(name);
  const next = afterFailure(retry, ofRun, failed);
  if (retry === undefined || next === 'fail') {
    const open = !isNewKey && { open: { attempt: running.keyAttempt, at: keyAtOf(running) } };
    const over = { attempt, startedAt, endedAt: run.now, failure, ...open };
    run.move(name, { status, ...over, ...(results !== undefined && { results }) });
    return;
  }
  const asked = retryAfterMs !== undefined && { retryAfterMs };
  const delayMs = retryDelayMs(retry, { task: name, attempt: ofRun, startedAt, ...asked });
  run.move(name, {
    status: 'waiting',
    on:
      next === 'pause'
        ? { kind: 'paused', since: run.now, failure }
        : { kind: 'retry', since: run.now, until: run.now + delayMs, failure },
    attempt: attempt + 1,
    keyAttempt: isNewKey ? attempt + 1 : running.keyAttempt,
    ...(!isNewKey && { keyAt: keyAtOf(running) }),
    startedAt: run.now,
  });
}

/**
 * Whether this call was the only one under its key. A definite failure says nothing about earlier calls, which may
 * have had an effect: then the task keeps the key.
 */
function isFirstUse({ attempt, keyAttempt, repeats = 0, unsent = 0 }: Attempt): boolean {
  return keyAttempt === attempt && repeats === unsent;
}
