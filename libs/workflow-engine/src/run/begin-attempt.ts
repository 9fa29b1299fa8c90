import { type Failure, type TaskState } from '../activity-state.js';
import { PATTERN_STEPS_MAX } from '../bounds.js';
import { FAILURE_CODES } from '../failure-codes.js';
import { resolveParams } from '../parameters/resolve.js';
import { type PlannedTask } from '../plan/plan.js';
import { type Reached } from '../task-types/task-behaviour.js';
import { taskFailure } from './failures.js';
import { type RunDraft } from './run-draft.js';

const TOO_COMPLEX =
  'The patterns of the decisions of this run, times the lengths of their values, take more than ' +
  `${PATTERN_STEPS_MAX} steps; use fewer repetitions in them, or compare a shorter value`;

type Usable = Exclude<Reached, { kind: 'invalid' }>;
type Running = Extract<TaskState, { status: 'running' }>;

/**
 * Begins an attempt now: a pure task is over at once, a call is handed out.
 *
 * @param earlier counts of the hand-outs of this attempt for which there was no place
 */
export function beginAttempt(
  run: RunDraft,
  task: PlannedTask,
  attempt: number,
  keyAttempt: number,
  earlier: Pick<Running, 'repeats' | 'unsent'> = {},
): void {
  const { name } = task;
  const startedAt = run.now;
  const endedAt = run.now;
  const reached = reach(run, task);
  switch (reached.kind) {
    case 'failed':
      run.move(name, { status: 'failed', attempt, startedAt, endedAt, failure: reached.failure });
      return;
    case 'succeeded': {
      const { decision, runResults } = reached;
      if (runResults !== undefined) run.publish(runResults);
      const succeeded = { status: 'succeeded', attempt, startedAt, endedAt, results: {} } as const;
      run.move(name, decision === undefined ? succeeded : { ...succeeded, decision });
      return;
    }
    case 'call': {
      const times = attemptTimes(run, task, reached);
      const running = { status: 'running', attempt, keyAttempt, ...earlier, ...times } as const;
      run.move(name, running);
      handOut(run, name, running, reached);
      return;
    }
  }
}

/**
 * Hands out again what a running task waits for; the attempt stays the same, counts the repeat, and
 * has its whole time once more, because whoever made it died. Its parameters are resolved anew, from
 * the same immutable results and scope, which is why they need not be stored.
 */
export function repeatAttempt(run: RunDraft, task: PlannedTask, running: Running): void {
  const reached = reach(run, task);
  if (reached.kind === 'call') {
    const { queued: _, ...attempt } = running;
    const repeats = (running.repeats ?? 0) + 1;
    const repeated = { ...attempt, repeats, ...attemptTimes(run, task, reached) };
    run.move(task.name, repeated);
    handOut(run, task.name, repeated, reached);
  }
  if (reached.kind !== 'failed') return;
  const { attempt, startedAt } = running;
  const over = { attempt, startedAt, endedAt: run.now, failure: reached.failure };
  run.move(task.name, { status: 'failed', ...over });
}

function attemptTimes(
  { now }: RunDraft,
  { timeoutMs }: PlannedTask,
  { timeoutMsDefault }: Extract<Reached, { kind: 'call' }>,
): { readonly startedAt: number; readonly timeoutAt: number } {
  return { startedAt: now, timeoutAt: now + (timeoutMs ?? timeoutMsDefault) };
}

function handOut(
  run: RunDraft,
  task: string,
  { attempt, keyAttempt, repeats, timeoutAt }: Running,
  { type, params }: Extract<Reached, { kind: 'call' }>,
): void {
  const optional = { ...(repeats && { repeats }), ...(timeoutAt !== undefined && { timeoutAt }) };
  run.effects.push({ kind: 'call', task, type, attempt, keyAttempt, params, ...optional });
}

function reach(
  run: RunDraft,
  task: PlannedTask,
): Usable | { readonly kind: 'failed'; readonly failure: Failure } {
  const { name, behaviour, params } = task;
  const failed = (code: string, message: string): { kind: 'failed'; failure: Failure } => ({
    kind: 'failed',
    failure: taskFailure(name, code, message),
  });
  const resolution = resolveParams(params, run.sources);
  if (resolution.kind === 'unresolved') return failed(resolution.code, resolution.message);
  const reached = behaviour.reach(resolution.params);
  if (reached.kind === 'invalid') {
    const message = `The parameter "${reached.param}" ${reached.detail}`;
    return failed(FAILURE_CODES.PARAM_INVALID, message);
  }
  if (reached.kind !== 'succeeded') return reached;
  if (reached.decision !== undefined && !run.mayMatch(task, reached.decision)) {
    return failed(FAILURE_CODES.DECISION_TOO_COMPLEX, TOO_COMPLEX);
  }
  if (reached.runResults && !run.fits(reached.runResults)) {
    return failed(FAILURE_CODES.RESULTS_TOO_LARGE, 'The results of the run would be too large');
  }
  return reached;
}
