import { isSameJson, type JsonValue } from '@app/json';
import {
  type ActivityState,
  type EarlierAttempts,
  type OpenKey,
  type TaskState,
} from '../state/activity-state.js';
import { ownMember } from '../own-member.js';
import { type TaskDefinition, type WorkflowDefinition } from '../definition/definition.js';
import { type Plan } from '../plan/plan.js';

/** The tasks and attempts that a run takes over from the ended run that it retries. */
export interface EarlierRun {
  /** The tasks that are not run again. */
  readonly tasks: ActivityState['tasks'];
  readonly before: EarlierAttempts;
}

/**
 * Task types that are always run again: they are pure, with the same results, or, as a lock, were released at
 * the end. Tasks behind them can still be taken over.
 */
const DONE_AGAIN: ReadonlySet<string> = new Set([
  'start',
  'end',
  'decision',
  'set-property',
  'set-status',
  'acquire-lock',
  'release-lock',
]);

interface Work {
  readonly name: string;
  readonly type: string;
  readonly isLast: boolean;
  /** The tasks before it. */
  readonly needs: readonly string[];
}

type Ended = Pick<ActivityState, 'tasks' | 'earlier'>;

/**
 * The tasks of an ended run that need not be run again. A task that succeeded is taken over if its definition is
 * unchanged and each task that led to it is taken over, too, or was skipped. So a task that failed, timed out or was
 * cancelled is run again, with all tasks behind it.
 * @param state of the run that has ended
 * @param then the definition of that run
 * @param now the definition of the new run
 */
export function earlierRunOf(
  state: Ended,
  then: WorkflowDefinition,
  now: WorkflowDefinition,
): EarlierRun {
  const before = new Map(then.tasks.map((task) => [task.name, task]));
  const after = new Map(now.tasks.map((task) => [task.name, task]));
  const isSame = (name: string): boolean => {
    const [was, is] = [before.get(name), after.get(name)];
    return was !== undefined && is !== undefined && isSameWork(was, is);
  };
  return takeOver(state, now.tasks.map(workOfTask), isSame);
}

/** What the next attempt of a run takes over from the failed attempt, which has the same definition. */
export function earlierAttemptOf(state: Ended, plan: Plan): EarlierRun {
  const tasks = plan.tasks.map(({ name, type, isLast, incoming }) => {
    return { name, type, isLast, needs: incoming.map(({ from }) => from.name) };
  });
  return takeOver(state, tasks, () => true);
}

/** The part of a run that stays when all its tasks are run again: open keys, and the count of attempts. */
export function nothingKeptOf(state: Ended, plan: Plan): EarlierRun {
  return takeOver(
    state,
    plan.tasks.map(({ name, type }) => ({ name, type, isLast: true, needs: [] })),
    () => false,
  );
}

function takeOver(
  state: Ended,
  works: readonly Work[],
  isSame: (name: string) => boolean,
): EarlierRun {
  const isSettled = settledIn(state, works, isSame);
  const tasks: Record<string, TaskState> = {};
  const attempts: Record<string, number> = {};
  const keys: Record<string, OpenKey> = {};
  const { earlier } = state;
  for (const { name, type } of works) {
    const task = ownMember(state.tasks, name);
    const kept = DONE_AGAIN.has(type) || !isSettled(name) ? undefined : keptOf(task);
    if (kept) {
      tasks[name] = kept;
      continue;
    }
    const attempt = attemptOf(task) ?? ownMember(earlier?.attempts, name);
    if (attempt !== undefined) attempts[name] = attempt;
    const open = openIn(task) ?? (hasBegun(task) ? undefined : ownMember(earlier?.keys, name));
    if (open !== undefined) keys[name] = open;
  }
  return { tasks, before: { attempts, keys } };
}

/** Whether a task and all tasks before it need not be run again. */
function settledIn(
  state: Ended,
  works: readonly Work[],
  isSame: (name: string) => boolean,
): (name: string) => boolean {
  const byName = new Map(works.map((work) => [work.name, work]));
  const known = new Map<string, boolean>();
  const isSettled = (name: string): boolean => {
    const found = known.get(name) ?? judge(name);
    known.set(name, found);
    return found;
  };
  const judge = (name: string): boolean => {
    const work = byName.get(name);
    if (work === undefined || work.isLast || !isSame(name)) return false;
    const settled = DONE_AGAIN.has(work.type) || hasSettled(ownMember(state.tasks, name));
    return settled && work.needs.every(isSettled);
  };
  return isSettled;
}

function workOfTask(task: TaskDefinition): Work {
  const { name, type, dependencies = [] } = task;
  const needs = dependencies.map(({ taskRef }) => taskRef);
  return { name, type, isLast: task.finally === true, needs };
}

/** Whether two definitions of a task do the same; `retry` and `timeoutMs` do not matter. */
function isSameWork(a: TaskDefinition, b: TaskDefinition): boolean {
  return isSameJson(workOf(a), workOf(b));
}

function workOf({ type, params = [], dependencies = [] }: TaskDefinition): JsonValue {
  return [type, params, dependencies] as unknown as JsonValue;
}

/** Whether a task succeeded or was skipped by its run; an operator's decision to skip it applies to that run only. */
function hasSettled(task: TaskState | undefined): boolean {
  if (task?.status === 'skipped') return task.forced === undefined;
  return task?.status === 'succeeded';
}

/** The results of a task that succeeded in the run, or in an earlier one without being reached in this. */
function keptOf(task: TaskState | undefined): TaskState | undefined {
  if (task?.status === 'succeeded') {
    const { attempt, startedAt, endedAt, forced, results } = task;
    const kept = { attempt, startedAt, endedAt, ...(forced && { forced }) };
    return { status: 'pending', kept, results };
  }
  if (task?.status !== 'skipped' || task.kept === undefined) return undefined;
  return { status: 'pending', kept: task.kept, results: task.results ?? {} };
}

/** The number of the last attempt, also of a task that was taken over and not reached. */
function attemptOf(task: TaskState | undefined): number | undefined {
  if (task && 'kept' in task) return task.kept.attempt;
  return task && 'attempt' in task ? task.attempt : undefined;
}

function openIn(task: TaskState | undefined): OpenKey | undefined {
  return task && 'open' in task ? task.open : undefined;
}

function hasBegun(task: TaskState | undefined): boolean {
  if (task === undefined || task.status === 'pending') return false;
  return task.status !== 'skipped' || task.attempt !== undefined;
}
