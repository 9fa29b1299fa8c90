import { FAILURE_CODES } from '../state/failure.js';
import { type Outcome, type TaskState } from '../state/activity-state.js';
import { isMeant } from './attempts/after-failure.js';
import { retryDelayMs } from './attempts/retry-delay.js';
import { earlierAttemptOf, nothingKeptOf } from './earlier-run.js';
import { type RunDraft } from './run-draft.js';

/**
 * Lets a run that failed begin again, if its workflow says so and an attempt is left: once its time has come.
 * What it had outside is given back now. What an operator ended stays so, and so does what would have no time left.
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

/** The attempt that the run waits for begins now. */
export function goOnAgain(run: RunDraft): void {
  run.attempts.goOn();
  run.tasks.noteAll();
}

/** Of what has not begun, or of another attempt that has not: there is nothing that it could have to clean up. */
export function endUnbegun(run: RunDraft, { status, failure }: Outcome): void {
  run.stopTasks('all', (task) => task);
  run.end(status, failure);
}
