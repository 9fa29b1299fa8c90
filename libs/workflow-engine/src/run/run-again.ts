import { FAILURE_CODES } from '../state/failure.js';
import { type Outcome, type TaskState } from '../state/activity-state.js';
import { isMeant } from './attempts/after-failure.js';
import { retryDelayMs } from './attempts/retry-delay.js';
import { earlierAttemptOf, nothingKeptOf } from './earlier-run.js';
import { type RunDraft } from './run-draft.js';

/**
 * Schedules another attempt of a failed run after its delay, if its workflow has a `retry` and attempts are left. Its
 * holds are released now. No attempt follows a failure that an operator decided, or begins after the run's timeout.
 * @returns whether another attempt follows
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
  const before: Parameters<typeof earlierAttemptOf>[0] = { tasks: run.sources.tasks };
  run.attempts.writeTo(before);
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

/** Ends a run that has not begun, or whose next attempt has not. Its tasks of `finally` do not run. */
export function endUnbegun(run: RunDraft, { status, failure }: Outcome): void {
  run.stopTasks('all', (task) => task);
  run.end(status, failure);
}
