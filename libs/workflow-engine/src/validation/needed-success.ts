import { type TaskDefinition } from '../definition/definition.js';

/** Which tasks begin only if another one has succeeded, as far as conditions of dependencies tell. */
export class NeededSuccess {
  /** For each task whose success was asked about: the tasks that need it. */
  readonly #known = new Map<string, Map<string, boolean>>();

  constructor(private readonly tasks: ReadonlyMap<string, TaskDefinition>) {}

  /** False also where it can't be known, as behind a decision. */
  isNeeded(success: string, by: string): boolean {
    const known = this.#known.get(success) ?? new Map<string, boolean>();
    this.#known.set(success, known);
    return this.#isNeeded(success, by, known);
  }

  /**
   * All conditions of a task hold when it begins, and one of the tasks before it ran at least. An `always` holds behind
   * a task that was skipped, too; any other condition says that the task before ran.
   */
  #isNeeded(success: string, by: string, known: Map<string, boolean>): boolean {
    const before = known.get(by);
    if (before !== undefined) return before;
    // The answer in a circle, which is a problem of its own.
    known.set(by, false);
    const { dependencies = [] } = this.tasks.get(by) ?? {};
    const ways = dependencies.map(({ taskRef, executionCondition = 'always' }) => ({
      isCertain: executionCondition !== 'always',
      needs:
        (taskRef === success && executionCondition === 'success') ||
        this.#isNeeded(success, taskRef, known),
    }));
    const isNeeded =
      ways.some(({ isCertain, needs }) => isCertain && needs) ||
      (ways.length > 0 && ways.every(({ needs }) => needs));
    known.set(by, isNeeded);
    return isNeeded;
  }
}
