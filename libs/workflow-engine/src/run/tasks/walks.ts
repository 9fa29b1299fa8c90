import { type ActivityState, type TaskState } from '../../state/activity-state.js';
import { firstOf } from './chunked-list.js';
import { knownTable } from './task-record.js';
import { type TaskTable } from './task-table.js';
import { wakeOf } from '../task-transitions.js';

type Tasks = ActivityState['tasks'];
type NamedTask = readonly [name: string, state: TaskState];

/*
 * Queries over all tasks of a state. If a step made the state, they cost in proportion to what the step changed,
 * and not to the size of the workflow.
 */

/** The tasks of `after` that are new or another object than in `before`; of two states of one plan in its order. */
export function changedTasks(before: Tasks, after: Tasks): readonly NamedTask[] {
  if (before === after) return [];
  const [from, to] = [knownTable(before), knownTable(after)];
  if (from !== undefined && from.plan === to?.plan) return changedIn(from, to);
  const changed: NamedTask[] = [];
  for (const [name, task] of Object.entries(after)) {
    if (!Object.hasOwn(before, name) || before[name] !== task) changed.push([name, task]);
  }
  return changed;
}

/** Whether each task of `before` is one of `after`, too. */
export function hasAllTasks(before: Tasks, after: Tasks): boolean {
  const table = knownTable(before);
  if (table !== undefined && table.plan === knownTable(after)?.plan) return true;
  return Object.keys(before).every((name) => Object.hasOwn(after, name));
}

/** Whether a call is under way, or its result is not on record yet. */
export function hasRunningTask(tasks: Tasks): boolean {
  const table = knownTable(tasks);
  if (table !== undefined) return table.hasRunning;
  return Object.values(tasks).some(({ status }) => status === 'running');
}

/** When time moves the first of the tasks, in milliseconds since 1970; infinite for never. */
export function firstWakeOf(tasks: Tasks): number {
  const table = knownTable(tasks);
  if (table !== undefined) return table.wakeAt;
  return Object.values(tasks).reduce(
    (earliest, task) => Math.min(earliest, wakeOf(task)),
    Infinity,
  );
}

/** The tasks that have begun and are not over. */
export function begunTasks(tasks: Tasks): readonly NamedTask[] {
  const table = knownTable(tasks);
  if (table !== undefined)
    return table.begun().map(({ name, at }): NamedTask => [name, table.at(at)]);
  return Object.entries(tasks).filter(
    ([, { status }]) => status === 'running' || status === 'waiting',
  );
}

/**
 * The total, over all tasks, of a value that adds up.
 *
 * @param known a cache of the totals of chunks; states that share a chunk share its total
 */
export function totalOfTasks<T>(
  tasks: Tasks,
  known: WeakMap<object, T>,
  of: (name: string, task: TaskState) => T,
  add: (all: readonly T[]) => T,
): T {
  const table = knownTable(tasks);
  if (table === undefined) return add(Object.entries(tasks).map(([name, task]) => of(name, task)));
  const parts = table.chunks.map((chunk, number) => {
    const found = known.get(chunk);
    if (found !== undefined) return found;
    const total = add(chunk.map((task, at) => of(nameAt(table, firstOf(number) + at), task)));
    known.set(chunk, total);
    return total;
  });
  return add(parts);
}

function changedIn(from: TaskTable, to: TaskTable): readonly NamedTask[] {
  const changed: NamedTask[] = [];
  for (const [number, chunk] of to.chunks.entries()) {
    const before = from.chunks[number];
    if (before === chunk) continue;
    for (const [at, task] of chunk.entries()) {
      if (before?.[at] !== task) changed.push([nameAt(to, firstOf(number) + at), task]);
    }
  }
  return changed;
}

function nameAt({ plan }: TaskTable, at: number): string {
  return plan.tasks[at]?.name ?? '';
}
