import { type ActivityState, type TaskState } from '../../state/activity-state.js';
import { type Plan } from '../../plan/plan.js';
import { TaskTable } from './task-table.js';

type Tasks = ActivityState['tasks'];

/** The member by which a record gives its table; names of tasks are never symbols. */
const TABLE = Symbol('table');

/** Records of fewer tasks are plain objects: a copy costs less than a proxy. */
const SHARED_TASKS_MIN = 32;

/** The tables that were built for records no step made, such as those read from the store. */
const BUILT = new WeakMap<Tasks, TaskTable>();

/** Whether the steps of a run of this plan share their record of tasks, instead of copying it. */
export function sharesTasks({ tasks }: Plan): boolean {
  return tasks.length >= SHARED_TASKS_MIN;
}

/**
 * The tasks of a table as a read-only record by name, which can be read, listed, compared and written as JSON like
 * a plain object. It is made in O(1). The table must not be changed after this.
 */
export function recordOf(table: TaskTable): Tasks {
  return new Proxy<Record<string, TaskState>>({}, new TaskRecord(table));
}

/** The table of a record that a step made with `recordOf`. */
export function tableIn(tasks: Tasks): TaskTable | undefined {
  return (tasks as { readonly [TABLE]?: TaskTable })[TABLE];
}

/** The table of a record, whether a step made the record or `tableFor` has built a table for it. */
export function knownTable(tasks: Tasks): TaskTable | undefined {
  return tableIn(tasks) ?? BUILT.get(tasks);
}

/** The table of a record. For plans that share records it is built once: states are immutable, so it stays valid. */
export function tableFor(plan: Plan, tasks: Tasks): TaskTable {
  const known = sharesTasks(plan) ? knownTable(tasks) : undefined;
  if (known?.plan === plan) return known;
  const table = TaskTable.of(plan, tasks);
  if (sharesTasks(plan)) BUILT.set(tasks, table);
  return table;
}

const NAMES = new WeakMap<Plan, readonly string[]>();

/** The names of tasks in the order of a plain object's keys, integers first. Tasks are stored in this order. */
function namesOf(plan: Plan): readonly string[] {
  const known = NAMES.get(plan);
  if (known !== undefined) return known;
  const names = Object.keys(Object.fromEntries(plan.tasks.map(({ name }) => [name, true])));
  NAMES.set(plan, names);
  return names;
}

class TaskRecord implements ProxyHandler<Record<string, TaskState>> {
  constructor(private readonly table: TaskTable) {}

  get(target: object, name: string | symbol): unknown {
    if (name === TABLE) return this.table;
    return this.#find(name) ?? (Reflect.get(target, name) as unknown);
  }

  has(target: object, name: string | symbol): boolean {
    return this.#find(name) !== undefined || Reflect.has(target, name);
  }

  ownKeys(): readonly string[] {
    return namesOf(this.table.plan);
  }

  getOwnPropertyDescriptor(_: object, name: string | symbol): PropertyDescriptor | undefined {
    const value = this.#find(name);
    if (value === undefined) return undefined;
    return { value, enumerable: true, configurable: true, writable: false };
  }

  set(): boolean {
    return false;
  }

  defineProperty(): boolean {
    return false;
  }

  deleteProperty(): boolean {
    return false;
  }

  setPrototypeOf(): boolean {
    return false;
  }

  #find(name: string | symbol): TaskState | undefined {
    const task = typeof name === 'string' ? this.table.plan.byName.get(name) : undefined;
    return task && this.table.at(task.at);
  }
}
