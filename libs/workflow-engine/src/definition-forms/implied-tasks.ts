import { type Dependency, type TaskDefinition } from '../definition/definition.js';

/** The names of the tasks that the short form adds. */
export const START_NAME = 'start';
export const END_NAME = 'end';

type Linked = Pick<TaskDefinition, 'name' | 'type' | 'dependencies'>;

/**
 * What the end depends on that nobody wrote. On the success of each task that nothing else depends on:
 * so a failure of one that nobody handles fails the run. And on the start, when a task may be skipped
 * without a failure: then the end is reached all the same, and failures alone decide.
 *
 * @param tasks all but the end
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
