import { type Problem } from '@app/errors';
import { type WorkflowDefinition } from '../definition/definition.js';
import { splitFinally } from '../definition/graph.js';
import { patternsOfOneWorkflow, type PatternCompiler } from '../definition/pattern.js';
import { type TaskBehaviours } from '../task-types/task-behaviour.js';
import { checkDecisions } from './check-decisions.js';
import { checkParams } from './check-params.js';
import { checkTasks } from './check-tasks.js';
import { ProblemList } from './problem-list.js';
import { readDefinition } from './read-definition.js';
import { checkParamSpecs } from './read-param-spec.js';

export type Validation =
  | { readonly kind: 'valid'; readonly definition: WorkflowDefinition }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/** Moves the tasks of `finally` to the end, as they run last. */
function inOrder(tasks: WorkflowDefinition['tasks']): WorkflowDefinition['tasks'] {
  const { main, last } = splitFinally(tasks);
  return last.length === 0 ? tasks : [...main, ...last];
}

/**
 * Validates a definition and reports all its problems (at most `PROBLEMS_MAX`), each with the path of
 * the member.
 *
 * @param input any result of `parseJson` of bounded nesting
 * @param behaviours the task types of the installation
 */
export function validateDefinition(
  input: unknown,
  patterns: PatternCompiler,
  behaviours: TaskBehaviours,
): Validation {
  const problems = new ProblemList();
  const definition = readDefinition(input, behaviours, problems);
  // Without readable tasks all further checks would report false problems.
  if (!problems.found.some(({ path }) => path === 'tasks')) {
    checkTasks(definition, problems);
    const compiler = patternsOfOneWorkflow(patterns);
    checkDecisions(definition, compiler, problems);
    checkParamSpecs(definition.params ?? [], compiler, problems);
    checkParams(definition, behaviours, problems);
  }
  return problems.found.length === 0
    ? { kind: 'valid', definition: { ...definition, tasks: inOrder(definition.tasks) } }
    : { kind: 'invalid', problems: problems.found };
}
