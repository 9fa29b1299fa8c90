import { RESULTS_CHARS_MAX } from '../../bounds.js';
import { charsOf } from '../../json.js';
import { ownMember } from '../../own-member.js';
import { type Plan, type PlannedTask } from '../../plan/plan.js';
import { patternSteps } from '../chosen-edges.js';
import { isOver, wakeOf } from '../task-transitions.js';
import { type ActivityState, type TaskState } from '../../state/activity-state.js';
import { ChunkedList, chunkOf, firstOf } from './chunked-list.js';

const PENDING: TaskState = { status: 'pending' };

/**
 * The states of a run's tasks by their positions in the plan, with counts that are kept up to date. Copies share
 * what is equal in both, so that a step of a large run costs in proportion to what it changes.
 */
export class TaskTable {
  #running = 0;
  #over = 0;
  /** About how many characters all results have; undefined until it is first read. */
  #resultsChars: number | undefined;
  /** See `patternSteps`; undefined until it is first read. */
  #patternSteps: number | undefined;

  /**
   * @param open for each task, the number of edges to it from tasks that are not over
   * @param begunIn for each chunk, the number of tasks that have begun and are not over
   * @param wakeIn for each chunk, when time moves the first of its tasks; in milliseconds since 1970, or infinite
   */
  private constructor(
    readonly plan: Plan,
    private readonly states: ChunkedList<TaskState>,
    private readonly open: ChunkedList<number>,
    private readonly begunIn: number[],
    private readonly wakeIn: number[],
  ) {}

  /** The table of a record, in O(tasks). A task that the record lacks has not begun. */
  static of(plan: Plan, tasks: ActivityState['tasks']): TaskTable {
    const states: TaskState[] = [];
    const open: number[] = [];
    for (const { name, incoming } of plan.tasks) {
      states.push(ownMember(tasks, name) ?? PENDING);
      let count = 0;
      for (const { from } of incoming) if (!isOver((states[from.at] ?? PENDING).status)) count += 1;
      open.push(count);
    }
    const chunks = chunkOf(states.length) + 1;
    const begunIn = new Array<number>(chunks).fill(0);
    const wakeIn = new Array<number>(chunks).fill(Infinity);
    const lists = [ChunkedList.of(states), ChunkedList.of(open)] as const;
    const table = new TaskTable(plan, ...lists, begunIn, wakeIn);
    for (let at = 0; at < states.length; at += 1) {
      const state = states[at] ?? PENDING;
      if (state.status !== 'pending') table.#count(at, PENDING, state);
    }
    return table;
  }

  copy(): TaskTable {
    const { plan, states, open, begunIn, wakeIn } = this;
    const copy = new TaskTable(plan, states.copy(), open.copy(), begunIn.slice(), wakeIn.slice());
    copy.#running = this.#running;
    copy.#over = this.#over;
    copy.#resultsChars = this.#resultsChars;
    copy.#patternSteps = this.#patternSteps;
    return copy;
  }

  at(place: number): TaskState {
    return this.states.get(place) ?? PENDING;
  }

  /** In the order of the plan. A chunk that is the same object in two tables has the same tasks in both. */
  get chunks(): readonly (readonly TaskState[])[] {
    return this.states.chunks;
  }

  get hasRunning(): boolean {
    return this.#running > 0;
  }

  get areOver(): boolean {
    return this.#over === this.plan.tasks.length;
  }

  /** When time moves the first of the tasks, in milliseconds since 1970; infinite for never. */
  get wakeAt(): number {
    return Math.min(...this.wakeIn);
  }

  /** Whether a task that it depends on is not over. */
  isBlocked({ at }: PlannedTask): boolean {
    return (this.open.get(at) ?? 0) > 0;
  }

  /** Notes that one more task that it depends on is over. @returns true if it was the last */
  unblock({ at }: PlannedTask): boolean {
    const left = (this.open.get(at) ?? 0) - 1;
    this.open.set(at, left);
    return left === 0;
  }

  /** The tasks that have begun and are not over, in the order of the plan, `max` at most. */
  begun(max = Infinity): readonly PlannedTask[] {
    const found: PlannedTask[] = [];
    for (let chunk = 0; chunk < this.begunIn.length; chunk += 1) {
      if (this.begunIn[chunk] === 0) continue;
      const end = Math.min(firstOf(chunk + 1), this.plan.tasks.length);
      for (let at = firstOf(chunk); at < end; at += 1) {
        const task = this.plan.tasks[at];
        if (task !== undefined && isBegun(this.at(at).status)) found.push(task);
        if (found.length >= max) return found;
      }
    }
    return found;
  }

  /** The tasks whose wake time has come, in the order of the plan. */
  due(now: number): readonly PlannedTask[] {
    const found: PlannedTask[] = [];
    for (let chunk = 0; chunk < this.wakeIn.length; chunk += 1) {
      if ((this.wakeIn[chunk] ?? Infinity) > now) continue;
      for (const task of this.plan.tasks.slice(firstOf(chunk), firstOf(chunk + 1))) {
        if (wakeOf(this.at(task.at)) <= now) found.push(task);
      }
    }
    return found;
  }

  set(task: PlannedTask, to: TaskState): void {
    const from = this.at(task.at);
    this.states.set(task.at, to);
    this.#count(task.at, from, to);
    if (this.#resultsChars !== undefined)
      this.#resultsChars += charsOfResults(to) - charsOfResults(from);
    if (this.#patternSteps !== undefined)
      this.#patternSteps += stepsOf(task, to) - stepsOf(task, from);
  }

  /** About how many characters the results of all tasks have. */
  get resultsChars(): number {
    return (this.#resultsChars ??= this.#sum((_, state) => charsOfResults(state)));
  }

  /** The most steps it takes to match the values of all decisions against their patterns. */
  get patternSteps(): number {
    return (this.#patternSteps ??= this.#sum(stepsOf));
  }

  #sum(of: (task: PlannedTask, state: TaskState) => number): number {
    return this.plan.tasks.reduce((sum, task) => sum + of(task, this.at(task.at)), 0);
  }

  #count(at: number, from: TaskState, to: TaskState): void {
    const chunk = chunkOf(at);
    this.#running += Number(to.status === 'running') - Number(from.status === 'running');
    this.#over += Number(isOver(to.status)) - Number(isOver(from.status));
    const begun = Number(isBegun(to.status)) - Number(isBegun(from.status));
    this.begunIn[chunk] = (this.begunIn[chunk] ?? 0) + begun;
    this.#moveWake(chunk, wakeOf(from), wakeOf(to));
  }

  #moveWake(chunk: number, from: number, to: number): void {
    const earliest = this.wakeIn[chunk] ?? Infinity;
    if (to <= earliest) this.wakeIn[chunk] = to;
    else if (from === earliest) this.wakeIn[chunk] = earliestOf(this.chunks[chunk] ?? []);
  }
}

function earliestOf(tasks: readonly TaskState[]): number {
  let earliest = Infinity;
  for (const task of tasks) earliest = Math.min(earliest, wakeOf(task));
  return earliest;
}

function isBegun(status: TaskState['status']): boolean {
  return status === 'running' || status === 'waiting';
}

function charsOfResults(state: TaskState): number {
  return 'results' in state ? charsOf(state.results ?? {}, RESULTS_CHARS_MAX) : 0;
}

function stepsOf(task: PlannedTask, state: TaskState): number {
  const decision = state.status === 'succeeded' ? state.decision : undefined;
  return decision === undefined ? 0 : patternSteps(task, decision);
}
