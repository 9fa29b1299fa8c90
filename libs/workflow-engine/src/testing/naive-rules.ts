import { type JsonObject } from '@app/json';
import { type ActivityState, type TaskState } from '../state/activity-state.js';
import { type FinalStatus } from '../state/activity-status.js';
import {
  type Dependency,
  type TaskDefinition,
  type WorkflowDefinition,
} from '../definition/definition.js';

/**
 * The rules of docs/workflows.md ("The short form", "What a run ends as") once more, as plainly as they can be written,
 * to check the engine against. Nothing but types is shared with it. What is taken from a final state is only how the
 * tasks that ran have ended; which tasks ran, and what the run ended as, is derived.
 */

type Ends = ActivityState['tasks'];

/** What has happened to a run as a whole. */
export interface NaiveTold {
  readonly isCancelled: boolean;
  readonly tookMs: number;
}

/** What a run may have ended as. */
export interface NaiveEnd {
  readonly status: FinalStatus;
  /** Of the failure; absent for none. */
  readonly code?: string;
  /** Whose failure it is; absent for none or a failure of the whole run. */
  readonly task?: string;
}

/** The names of the tasks that run, of a run that was neither cancelled nor timed out. All others are skipped. */
export function naiveRuns(
  { tasks, params }: WorkflowDefinition,
  ends: Ends,
  given: JsonObject,
): ReadonlySet<string> {
  if (isRefused(params, given)) return new Set();
  const known = new Map<string, boolean>();
  const runs = (name: string): boolean => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const task = tasks.find((one) => one.name === name);
    const isRun = task !== undefined && begins(task);
    known.set(name, isRun);
    return isRun;
  };
  const begins = ({ type, dependencies: needs = [] }: TaskDefinition): boolean => {
    if (needs.length === 0) return true;
    const holding = needs.filter((need) => holds(tasks, ends, need, runs(need.taskRef)));
    // Behind skipped tasks alone nothing begins, though `always` holds for them, too.
    if (!holding.some(({ taskRef }) => runs(taskRef))) return false;
    return type === 'end' || holding.length === needs.length;
  };
  return new Set(tasks.map(({ name }) => name).filter(runs));
}

/** One of these; more than one only where the order of two tasks decides that the final state does not have. */
export function naiveEnds(
  { tasks, params, timeoutMs = Infinity }: WorkflowDefinition,
  ends: Ends,
  given: JsonObject,
  { isCancelled, tookMs }: NaiveTold,
): readonly NaiveEnd[] {
  // Rule 1. The tasks of `finally` have a time of their own, in which a run that is late already can still be cancelled.
  const late: NaiveEnd = { status: 'timedout', code: 'WORKFLOW_TIMEOUT' };
  const isLate = tookMs >= timeoutMs;
  const hasFinally = tasks.some((task) => task.finally === true);
  if (isCancelled) {
    const codes = ['CANCELLED', 'CONCURRENCY_REPLACED'];
    const cancelled = codes.map((code): NaiveEnd => ({ status: 'cancelled', code }));
    return isLate && hasFinally ? [late, ...cancelled] : cancelled;
  }
  if (isRefused(params, given)) return [{ status: 'failed', code: 'PARAM_INVALID' }];
  if (!isLate) return endsInTime(tasks, ends);
  return tookMs > timeoutMs && !hasFinally ? [late] : [late, ...endsInTime(tasks, ends)];
}

function endsInTime(tasks: readonly TaskDefinition[], ends: Ends): readonly NaiveEnd[] {
  // Rule 2.
  const setting = tasks.filter(
    ({ name, type }) => type === 'set-status' && ends[name]?.status === 'succeeded',
  );
  if (setting.length > 0) return lastSet(setting, ends);
  // Rule 3.
  const ran = tasks.filter(({ name }) => ends[name]?.status !== 'skipped');
  const unhandled = ran.filter(({ name }) => {
    if (!hasFailed(ends[name])) return false;
    const handlers = ran.flatMap(({ dependencies = [] }) =>
      dependencies.filter((need) => need.taskRef === name && holds(tasks, ends, need, true)),
    );
    return handlers.length === 0;
  });
  const first = unhandled.filter((task) => task.finally !== true);
  if (unhandled.length > 0)
    return (first.length > 0 ? first : unhandled).map(({ name }) => ({
      status: 'failed',
      code: failureCodeOf(ends[name]),
      task: name,
    }));
  // Rules 4 and 5.
  return ends['end']?.status === 'succeeded'
    ? [{ status: 'succeeded' }]
    : [{ status: 'failed', code: 'END_NOT_REACHED' }];
}

/** The tasks that set the status last; more than one if several did in the same millisecond. */
function lastSet(setting: readonly TaskDefinition[], ends: Ends): readonly NaiveEnd[] {
  const last = Math.max(...setting.map(({ name }) => endedAt(ends[name])));
  return setting
    .filter(({ name }) => endedAt(ends[name]) === last)
    .map(({ params = [] }) => {
      const value = params.find(({ name }) => name === 'status')?.value;
      const status = value === 'succeeded' ? value : 'failed';
      return status === 'succeeded' ? { status } : { status, code: 'STATUS_SET' };
    });
}

/** Whether the event brings an invalid value: of those that tests have, a number beyond its bound. */
function isRefused(params: WorkflowDefinition['params'] = [], given: JsonObject): boolean {
  return params.some(
    ({ name, max }) => typeof max === 'number' && name in given && Number(given[name]) > max,
  );
}

/** Whether the condition of a dependency holds once the needed task is over. */
function holds(
  tasks: readonly TaskDefinition[],
  ends: Ends,
  { taskRef, executionCondition, decisionCondition }: Dependency,
  hasRun: boolean,
): boolean {
  const end = ends[taskRef];
  if (tasks.find(({ name }) => name === taskRef)?.type === 'decision') {
    if (!hasRun || end?.status !== 'succeeded' || end.decision === undefined) return false;
    const { decision } = end;
    if (lines(decisionCondition).length > 0) return matchesOne(decision, decisionCondition);
    const others = tasks.flatMap(({ dependencies = [] }) =>
      dependencies.filter((need) => need.taskRef === taskRef),
    );
    return others.every((other) => !matchesOne(decision, other.decisionCondition));
  }
  switch (executionCondition ?? 'always') {
    case 'success':
      return hasRun && end?.status === 'succeeded';
    case 'failure':
      return hasRun && hasFailed(end);
    case 'timeout':
      return hasRun && end?.status === 'timedout';
    case 'always':
      return true;
  }
}

/** Of the patterns that tests have: `.*`, and plain text. */
function matchesOne(value: string, condition: string | undefined): boolean {
  return lines(condition).some((pattern) => pattern === '.*' || pattern === value);
}

/** Several patterns, one a line, whatever a line ends with. */
function lines(condition = ''): readonly string[] {
  return [...condition.matchAll(/[^\r\n]+/g)].map(([line]) => line);
}

function hasFailed(end: TaskState | undefined): boolean {
  return end?.status === 'failed' || end?.status === 'timedout';
}

function failureCodeOf(end: TaskState | undefined): string {
  return end?.status === 'failed' || end?.status === 'timedout' ? end.failure.code : '';
}

function endedAt(end: TaskState | undefined): number {
  return end !== undefined && 'endedAt' in end ? end.endedAt : 0;
}
