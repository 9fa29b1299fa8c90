import { FAILURE_CODES } from '../state/failure.js';
import { type Outcome, type TaskState } from '../state/activity-state.js';
import { isMeant } from './attempts/after-failure.js';
import { retryDelayMs } from './attempts/retry-delay.js';
import { earlierAttemptOf, nothingKeptOf } from './earlier-run.js';
import { type RunDraft } from './run-draft.js';

/**
 * Begins a failed run again after its delay, if its workflow says so and an attempt is left. What it holds outside is
 * released now. A run that an operator ended is not begun again, and neither is one without time left.
 */
export function beginAgain(run: RunDraft, { status, failure }: Outcome): boolean {
  const { retry } = run.plan;
  if (retry === undefined || status !== 'failed' || failure === undefined) return false;
  const { code, level, task = '' } = failure;
  if (code === FAILURE_CODES.TASK_FORCED) return false;
  const state = run.task(task);
  const results = 'results' in state ? state.results : {};
  const { when } = retry;
  const helps = when?.some((name) => isMeant(name, { code, results })) ?? level === 'task';
  const attempt = run.attempts.again?.attempt ?? 1;
  if (!helps || attempt >= retry.attemptsMax) return false;
  const { now, plan, sources } = run;
  const { timeoutMs = Infinity } = plan;
  const delayMs = retryDelayMs(retry, { task: '', attempt, startedAt: run.before.startedAt });
  const { startedAt = run.before.startedAt } = sources;
  if (now + delayMs >= startedAt + timeoutMs) return false;
  const before = { tasks: run.sources.tasks, ...run.attempts.toState() };
  const earlier =
    retry.from === 'start' ? nothingKeptOf(before, plan) : earlierAttemptOf(before, plan);
  const tasks: Record<string, TaskState> = {};
  for (const { name } of plan.tasks) {
    run.outbox.giveBack(name);
    tasks[name] = earlier.tasks[name] ?? { status: 'pending' };
  }
  run.restart(tasks);
  run.attempts.next(
    { attempt: attempt + 1, since: now, failure, until: now + delayMs },
    earlier.before,
  );
  return true;
}

/** Begins the attempt that the run waits for. */
export function goOnAgain(run: RunDraft): void {
  run.attempts.goOn();
  run.tasks.noteAll();
}

/** Ends a run that has not begun, or whose next attempt has not: `finally` has nothing to clean up. */
export function endUnbegun(run: RunDraft, { status, failure }: Outcome): void {
  run.stopTasks('all', (task) => task);
  run.end(status, failure);
}
