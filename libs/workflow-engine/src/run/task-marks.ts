import { RESULTS_CHARS_MAX } from '../bounds.js';
import { charsOf } from '../json.js';
import { type ActivityState, type TaskState } from '../state/activity-state.js';
import { type Plan, type PlannedTask } from '../plan/plan.js';
import { isOver } from './task-transitions.js';

type Tasks = ActivityState['tasks'];

/** What a look at each task of a state would show, by their places in the plan. */
interface Known {
  readonly plan: Plan;
  readonly marks: readonly number[];
  readonly resultsChars: number | undefined;
}

const PENDING = 0;
const BEGUN = 1;
const OVER = 2;

/** A look at each of so few tasks costs less than to remember them. */
const REMEMBERED_TASKS_MIN = 32;

/** States do not change, so what was found in one holds as long as there is one. */
const KNOWN = new WeakMap<Tasks, Known>();

/**
 * Which tasks a step has to look at, so that a step of a large run costs what it changes: those that have begun,
 * those behind what has ended since, and all of a state that this process has not made itself. It is a memory and
 * nothing else: without it a step looks at every task, and comes to the same.
 */
export class TaskMarks {
  readonly #marks: number[];
  readonly #looks: boolean[];
  #resultsChars: number | undefined;

  constructor(
    private readonly plan: Plan,
    before: Tasks,
  ) {
    const known = plan.tasks.length < REMEMBERED_TASKS_MIN ? undefined : KNOWN.get(before);
    if (known?.plan === plan) {
      this.#marks = known.marks.slice();
      this.#looks = known.marks.map((mark) => mark === BEGUN);
      this.#resultsChars = known.resultsChars;
    } else {
      this.#marks = plan.tasks.map(({ name }) => markOf(before[name]));
      this.#looks = plan.tasks.map(() => true);
    }
  }

  /** Whether every task is over. */
  get areOver(): boolean {
    return this.#marks.every((mark) => mark === OVER);
  }

  /**
   * The next task to look at from that place on, also one that was noted since; each comes after those that
   * it depends on.
   */
  nextToLookAt(from: number): PlannedTask | undefined {
    const at = this.#looks.indexOf(true, from);
    return at === -1 ? undefined : this.plan.tasks[at];
  }

  /** Those that have begun and are not over, in the order of the plan. */
  begun(): readonly PlannedTask[] {
    return this.plan.tasks.filter(({ at }) => this.#marks[at] === BEGUN);
  }

  /** That a task has become that. What depends on it has to be looked at once it is over. */
  note(name: string, to: TaskState, from: TaskState): void {
    const task = this.plan.byName.get(name);
    if (task === undefined) return;
    const mark = markOf(to);
    this.#looks[task.at] = true;
    this.#marks[task.at] = mark;
    if (this.#resultsChars !== undefined)
      this.#resultsChars += charsOfResults(to) - charsOfResults(from);
    if (mark === OVER) for (const { to: next } of task.outgoing) this.#looks[next.at] = true;
  }

  /** That none was looked at before, because the run waited for its slot, or for its next attempt. */
  noteAll(): void {
    this.#looks.fill(true);
  }

  /** That the tasks of `finally` may begin. */
  noteLast(): void {
    for (const { at, isLast } of this.plan.tasks) if (isLast) this.#looks[at] = true;
  }

  /** About how many characters the results of all tasks have. */
  resultsChars(tasks: Tasks): number {
    if (this.#resultsChars === undefined) {
      this.#resultsChars = 0;
      for (const task of Object.values(tasks)) this.#resultsChars += charsOfResults(task);
    }
    return this.#resultsChars;
  }

  /** For the step that begins with these. */
  keepFor(tasks: Tasks): void {
    const { plan } = this;
    if (plan.tasks.length < REMEMBERED_TASKS_MIN) return;
    KNOWN.set(tasks, { plan, marks: this.#marks, resultsChars: this.#resultsChars });
  }
}

function markOf(state: TaskState | undefined): number {
  if (state === undefined || state.status === 'pending') return PENDING;
  return isOver(state.status) ? OVER : BEGUN;
}

function charsOfResults(state: TaskState): number {
  return 'results' in state ? charsOf(state.results, RESULTS_CHARS_MAX) : 0;
}
