import { isJsonArray, isJsonObject, type JsonValue, memberOf } from '@app/json';
import { TASK_TYPES } from '../definition/definition.js';
import { type PatternCompiler } from '../definition/pattern.js';
import { type TaskBehaviours } from '../task-types/task-behaviour.js';
import { ProblemList } from '../validation/problem-list.js';
import { validateDefinition, type Validation } from '../validation/validate-definition.js';
import { type TaskTypeForms } from './task-members.js';
import { longForm } from './to-long.js';

/** The short form has its tasks by name, the long one in a list. */
function isShortForm(input: unknown): boolean {
  const value = input as JsonValue;
  if (!isJsonObject(value)) return false;
  const tasks = memberOf(value, 'tasks');
  return tasks !== undefined && !isJsonArray(tasks) && isJsonObject(tasks);
}

/** Validates a definition in either form. A valid one is returned in the long form; problems have paths of the given form. */
export function validateForm(
  input: unknown,
  patterns: PatternCompiler,
  behaviours: TaskBehaviours,
): Validation {
  if (!isShortForm(input)) return validateDefinition(input, patterns, behaviours);
  const problems = new ProblemList();
  const { definition, places, reported } = longForm(
    input as never,
    typeForms(behaviours),
    problems,
  );
  const validation = validateDefinition(definition, patterns, behaviours);
  if (validation.kind === 'invalid') {
    for (const { path = '', detail } of validation.problems)
      if (!reported.has(path)) problems.add(places.shortOf(path), detail);
  }
  return problems.found.length > 0 ? { kind: 'invalid', problems: problems.found } : validation;
}

/** All task types, also those that this build can't run, which are reported later. */
export function typeForms(behaviours: TaskBehaviours): TaskTypeForms {
  const types = new Map<string, { readonly main?: string | undefined }>();
  for (const type of TASK_TYPES) types.set(type, {});
  for (const [type, { main }] of behaviours) types.set(type, { main });
  return types;
}
