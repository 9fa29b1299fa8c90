import { DEPENDENCIES_MAX } from '../bounds.js';
import {
  type TaskDefinition,
  type TaskType,
  type WorkflowDefinition,
} from '../definition/definition.js';
import {
  invert,
  reachableFrom,
  sortTopologically,
  taskGraph,
  type Graph,
} from '../definition/graph.js';
import { hintFor } from '../definition/nearest-name.js';
import { type ProblemList } from './problem-list.js';

/** Checks what tasks are to each other: known, acyclic, all on a way from the one start to the one end. */
export function checkTasks({ tasks }: WorkflowDefinition, problems: ProblemList): void {
  const dependencies = tasks.reduce((sum, task) => sum + (task.dependencies ?? []).length, 0);
  if (dependencies > DEPENDENCIES_MAX) {
    problems.add('tasks', `have more than ${DEPENDENCIES_MAX} dependencies together`);
    return;
  }
  const types = new Map(tasks.map(({ name, type }) => [name, type]));
  for (const [at, task] of tasks.entries()) checkTask(task, `tasks[${at}]`, types, problems);
  const graph = taskGraph(tasks);
  for (const cycle of sortTopologically(graph).cycles) {
    problems.add('tasks', `depend on each other in a circle: ${cycle.join(' → ')}`);
  }
  checkJoined('start', invert(graph), 'no path leads to it from start', tasks, problems);
  checkJoined('end', graph, 'no path leads from it to end', tasks, problems);
}

function checkTask(
  { name, type, dependencies = [] }: TaskDefinition,
  path: string,
  types: ReadonlyMap<string, TaskType>,
  problems: ProblemList,
): void {
  if (type === 'start' && dependencies.length > 0) {
    problems.add(`${path}.dependencies`, 'start may depend on nothing');
  }
  const seen = new Set<string>();
  for (const [at, { taskRef }] of dependencies.entries()) {
    const refPath = `${path}.dependencies[${at}].taskRef`;
    if (taskRef === '') continue;
    if (taskRef === name) problems.add(refPath, 'is the task itself');
    else if (!types.has(taskRef))
      problems.add(refPath, `no task has the name "${taskRef}"${hintFor(taskRef, types.keys())}`);
    else if (types.get(taskRef) === 'end') problems.add(refPath, 'nothing may depend on end');
    else if (seen.has(taskRef)) problems.add(refPath, `"${taskRef}" is listed twice`);
    seen.add(taskRef);
  }
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
  for (const [at, { name }] of tasks.entries()) {
    if (name !== '' && name !== origin.name && !joined.has(name)) {
      problems.add(`tasks[${at}]`, detail);
    }
  }
}
