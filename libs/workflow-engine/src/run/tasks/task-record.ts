import { type ActivityState, type TaskState } from '../../state/activity-state.js';
import { type Plan } from '../../plan/plan.js';
import { TaskTable } from './task-table.js';

type Tasks = ActivityState['tasks'];

/** By this a record of ours is known; no name of a task is a symbol. */
const TABLE = Symbol('table');

/** To copy a record of so few tasks costs less than to share it. */
const SHARED_TASKS_MIN = 32;

/** Of records that came from elsewhere. */
const BUILT = new WeakMap<Tasks, TaskTable>();

/** Whether a step of such a run shares the record of its tasks with the step before. */
export function sharesTasks({ tasks }: Plan): boolean {
  return tasks.length >= SHARED_TASKS_MIN;
}

/**
 * The tasks of a table as a record by name, like any other: it can be read, listed, compared and written as JSON,
 * and not changed. It costs the same however many tasks there are. The table must not be changed any more once
 * others have the record.
 */
export function recordOf(table: TaskTable): Tasks {
  return new Proxy<Record<string, TaskState>>({}, new TaskRecord(table));
}

/** The table that a step has made the record of. */
export function tableIn(tasks: Tasks): TaskTable | undefined {
  return (tasks as { readonly [TABLE]?: TaskTable })[TABLE];
}

/** The table that is known of a record, wherever that came from. */
export function knownTable(tasks: Tasks): TaskTable | undefined {
  return tableIn(tasks) ?? BUILT.get(tasks);
}

/** For a plan with as many tasks as are worth it: states do not change, so it holds as long as there is one. */
export function tableFor(plan: Plan, tasks: Tasks): TaskTable {
  const known = sharesTasks(plan) ? knownTable(tasks) : undefined;
  if (known?.plan === plan) return known;
  const table = TaskTable.of(plan, tasks);
  if (sharesTasks(plan)) BUILT.set(tasks, table);
  return table;
}

const NAMES = new WeakMap<Plan, readonly string[]>();

/** In the order in which any record has them: numbers come first. What is stored is in this order. */
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
