import { type Dependency, type TaskDefinition } from '../definition/definition.js';

/** The names of the tasks that the short form adds. */
export const START_NAME = 'start';
export const END_NAME = 'end';

type Linked = Pick<TaskDefinition, 'name' | 'type' | 'dependencies'>;

/**
 * The implied dependencies of `end` in the short form. It depends on the success of each task that no other task depends
 * on, so an unhandled failure of such a task fails the run. It also depends on `start` if a task may be skipped without a
 * failure: then `end` is reached nevertheless, and only failures decide.
 *
 * @param tasks all tasks but `end`
 */
export function impliedEndOf(tasks: readonly Linked[], start: string): readonly Dependency[] {
  const used = new Set<string>();
  let maySkip = false;
  for (const { dependencies = [] } of tasks) {
    for (const { taskRef, executionCondition } of dependencies) {
      used.add(taskRef);
      maySkip ||= taskRef !== start && executionCondition !== 'success';
    }
  }
  const last = tasks
    .filter(({ name, type }) => type !== 'start' && !used.has(name))
    .map(({ name, type }): Dependency =>
      type === 'decision' ? { taskRef: name } : { taskRef: name, executionCondition: 'success' },
    );
  return maySkip || last.length === 0 ? [{ taskRef: start }, ...last] : last;
}
