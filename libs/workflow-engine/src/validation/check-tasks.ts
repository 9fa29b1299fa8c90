import { DEPENDENCIES_MAX } from '../bounds.js';
import { type TaskDefinition, type WorkflowDefinition } from '../definition/definition.js';
import {
  invert,
  reachableFrom,
  sortTopologically,
  taskGraph,
  type Graph,
} from '../definition/graph.js';
import { type ProblemList } from './problem-list.js';

/** Checks what tasks are to each other: known, acyclic, all on a way from the one start to the one end. */
export function checkTasks({ tasks }: WorkflowDefinition, problems: ProblemList): void {
  const dependencies = tasks.reduce((sum, task) => sum + (task.dependencies ?? []).length, 0);
  if (dependencies > DEPENDENCIES_MAX) {
    problems.add('tasks', `have more than ${DEPENDENCIES_MAX} dependencies together`);
    return;
  }
  const byName = new Map(tasks.map((task) => [task.name, task]));
  for (const [at, task] of tasks.entries()) checkTask(task, `tasks[${at}]`, byName, problems);
  const graph = taskGraph(tasks);
  for (const cycle of sortTopologically(graph).cycles) {
    problems.add('tasks', `depend on each other in a circle: ${cycle.join(' → ')}`);
  }
  checkJoined('start', invert(graph), 'no path leads to it from start', tasks, problems);
  checkJoined('end', graph, 'no path leads from it to end', tasks, problems);
}

function checkTask(
  { name, type, dependencies = [], finally: isLast }: TaskDefinition,
  path: string,
  byName: ReadonlyMap<string, TaskDefinition>,
  problems: ProblemList,
): void {
  if (isLast === true && (type === 'start' || type === 'end')) {
    problems.add(`${path}.type`, `${type} can't be one of those that come last`);
  }
  if (type === 'start' && dependencies.length > 0) {
    problems.add(`${path}.dependencies`, 'start may depend on nothing');
  }
  const seen = new Set<string>();
  for (const [at, { taskRef }] of dependencies.entries()) {
    const refPath = `${path}.dependencies[${at}].taskRef`;
    if (taskRef === '') continue;
    if (taskRef === name) problems.add(refPath, 'is the task itself');
    else if (!byName.has(taskRef))
      problems.addUnknown(refPath, `no task has the name "${taskRef}"`, taskRef, byName.keys());
    else if (byName.get(taskRef)?.type === 'end')
      problems.add(refPath, 'nothing may depend on end');
    else if (byName.get(taskRef)?.finally !== isLast) problems.add(refPath, crossing(isLast));
    else if (seen.has(taskRef)) problems.add(refPath, `"${taskRef}" is listed twice`);
    seen.add(taskRef);
  }
}

function crossing(isLast: true | undefined): string {
  return isLast === true
    ? 'a task of finally begins when all others are over, and may depend only on others of finally'
    : 'is a task of finally, which comes after all others; nothing else may depend on it';
}

/** There is exactly one task of that type, and the others are joined to it. */
function checkJoined(
  type: 'start' | 'end',
  nextOf: Graph,
  detail: string,
  tasks: readonly TaskDefinition[],
  problems: ProblemList,
): void {
  const origins = tasks.filter((task) => task.type === type);
  const [origin] = origins;
  if (origin === undefined || origins.length > 1) {
    problems.add('tasks', `must hold exactly one task of type ${type}, not ${origins.length}`);
    return;
  }
  const joined = reachableFrom(origin.name, nextOf);
  for (const [at, { name, finally: isLast }] of tasks.entries()) {
    if (isLast !== true && name !== '' && name !== origin.name && !joined.has(name)) {
      problems.add(`tasks[${at}]`, detail);
    }
  }
}
