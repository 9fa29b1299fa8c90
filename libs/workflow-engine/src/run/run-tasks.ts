import { TransitionIllegalError } from '../errors.js';
import { type Plan, type PlannedTask } from '../plan/plan.js';
import { type ActivityState, type Forced, type TaskState } from '../state/activity-state.js';
import { recordOf, sharesTasks, tableFor, tableIn } from './tasks/task-record.js';
import { TaskTable } from './tasks/task-table.js';
import { PositionSet } from './position-set.js';
import { isOver, TASK_TRANSITIONS } from './task-transitions.js';

type Tasks = ActivityState['tasks'];

const PENDING: TaskState = { status: 'pending' };

/**
 * The states of the tasks during one step, and the tasks that the step has to visit: those that time or an input
 * moves, and those behind a task that ended in it. If this process did not compute the state that the step begins
 * with, also those that may begin. The table that is kept with a state is a cache: it does not affect the outcome.
 */
export class RunTasks {
  #table: TaskTable;
  /** A private copy by name, used where tasks are not shared, once something has changed. */
  #record: Record<string, TaskState> | undefined;
  #view: Tasks | undefined;
  #hasChanged = false;
  readonly #toVisit: PositionSet;

  constructor(
    private readonly plan: Plan,
    private readonly before: Tasks,
  ) {
    this.#toVisit = new PositionSet(plan.tasks.length);
    const isOfStep = tableIn(before)?.plan === plan;
    this.#table = sharesTasks(plan) ? tableFor(plan, before).copy() : TaskTable.of(plan, before);
    if (!isOfStep) this.#noteReady();
  }

  get hasChanged(): boolean {
    return this.#hasChanged;
  }

  /** The current states by name. */
  get record(): Tasks {
    if (!this.#hasChanged) return this.before;
    return this.#record ?? (this.#view ??= recordOf(this.#table));
  }

  get table(): Omit<TaskTable, 'set' | 'unblock' | 'copy'> {
    return this.#table;
  }

  stateOf({ at }: PlannedTask): TaskState {
    return this.#table.at(at);
  }

  /** The state of the task of that name; pending for a name that the plan does not have. */
  named(name: string): TaskState {
    const task = this.plan.byName.get(name);
    return task === undefined ? PENDING : this.#table.at(task.at);
  }

  /** @throws TransitionIllegalError for a transition that is not in `TASK_TRANSITIONS` */
  move(name: string, to: TaskState): void {
    const task = this.plan.byName.get(name);
    const from = task === undefined ? PENDING : this.#table.at(task.at);
    if (task === undefined || !TASK_TRANSITIONS[from.status].includes(to.status)) {
      throw new TransitionIllegalError(name, from.status, to.status);
    }
    this.#set(task, to);
    this.#toVisit.add(task.at);
    if (!isOver(to.status)) return;
    for (const { to: next } of task.outgoing) {
      if (this.#table.unblock(next)) this.#toVisit.add(next.at);
    }
  }

  /** Records the operator who ended a task. Has an effect only if the task succeeded, failed or was skipped. */
  noteForced(name: string, forced: Forced): void {
    const state = this.named(name);
    const task = this.plan.byName.get(name);
    if (state.status !== 'succeeded' && state.status !== 'failed' && state.status !== 'skipped')
      return;
    if (task !== undefined) this.#set(task, { ...state, forced });
  }

  /** Replaces the states of all tasks. */
  restart(tasks: Record<string, TaskState>): void {
    this.#hasChanged = true;
    this.#table = TaskTable.of(this.plan, tasks);
    this.#record = sharesTasks(this.plan) ? undefined : tasks;
    this.#view = undefined;
    this.#noteReady();
  }

  /**
   * The first task to visit at or after that position of the plan, including those noted since. Positions are in
   * topological order.
   */
  nextToLookAt(from: number): PlannedTask | undefined {
    const at = this.#toVisit.next(from);
    return at === undefined ? undefined : this.plan.tasks[at];
  }

  /** Notes all tasks, because none was visited while the run waited for its next attempt. */
  noteAll(): void {
    this.#toVisit.addAll();
  }

  /** Notes that the tasks of `finally` may begin. */
  noteLast(): void {
    for (let at = this.plan.end.at + 1; at < this.plan.tasks.length; at += 1) this.#toVisit.add(at);
  }

  /** Notes the tasks whose wait or timeout is over. */
  noteDue(now: number): void {
    for (const { at } of this.#table.due(now)) this.#toVisit.add(at);
  }

  /** Notes the tasks that have begun: all of them, or those of these names. */
  noteBegun(names?: readonly string[]): void {
    const tasks = names?.map((name) => this.plan.byName.get(name)) ?? this.#table.begun();
    for (const task of tasks) if (task !== undefined) this.#toVisit.add(task.at);
  }

  #noteReady(): void {
    for (const task of this.plan.tasks) {
      const isReady = this.stateOf(task).status === 'pending' && !this.#table.isBlocked(task);
      if (isReady || task === this.plan.end) this.#toVisit.add(task.at);
    }
  }

  #set(task: PlannedTask, to: TaskState): void {
    if (!sharesTasks(this.plan)) {
      this.#record ??= { ...this.before };
      this.#record[task.name] = to;
    }
    this.#hasChanged = true;
    this.#table.set(task, to);
  }
}
