import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  jsonObjectOf,
  membersIn,
} from '@app/json';
import { EXECUTION_CONDITIONS, type Dependency } from '../definition/definition.js';
import { textOf } from '../json.js';
import { type ProblemList } from '../validation/problem-list.js';
import { type Places } from './places.js';

const NEEDS_RULE =
  'must be the name of a task, a list of names, or names with "success", "failure", "always" or a pattern ' +
  'of a decision';

/** Where a task's needs are, in both forms. */
export interface NeedsContext {
  /** In the short form: `tasks.tell.needs`. */
  readonly short: string;
  /** In the long form: `tasks[3].dependencies`. */
  readonly long: string;
  readonly isDecision: (task: string) => boolean;
  readonly places: Places;
  readonly problems: ProblemList;
}

/** The dependencies of a `needs` of the short form. A part that can't be read is reported and left out. */
export function dependenciesOf(needs: JsonValue, context: NeedsContext): readonly JsonObject[] {
  const { short, problems } = context;
  if (typeof needs === 'string') return [dependency(needs, undefined, 0, short, context)];
  if (isJsonArray(needs)) {
    return needs.flatMap((name, at) => {
      if (typeof name === 'string')
        return [dependency(name, undefined, at, `${short}[${at}]`, context)];
      problems.add(`${short}[${at}]`, 'must be the name of a task');
      return [];
    });
  }
  if (isJsonObject(needs)) {
    return membersIn(needs).map(([name, condition], at) =>
      dependency(name, condition, at, `${short}.${name}`, context),
    );
  }
  problems.add(short, NEEDS_RULE);
  return [];
}

/** @param condition undefined or null if none is written */
function dependency(
  taskRef: string,
  condition: JsonValue | undefined,
  at: number,
  path: string,
  { long, isDecision, places, problems }: NeedsContext,
): JsonObject {
  places.set(`${long}[${at}]`, path);
  for (const member of ['taskRef', 'executionCondition', 'decisionCondition']) {
    places.set(`${long}[${at}].${member}`, path);
  }
  // The long form of a dependency, for those that the short form has no word for.
  if (isJsonObject(condition)) return { ...condition, taskRef };
  if (condition !== undefined && isJsonArray(condition)) {
    problems.add(path, 'must be "success", "failure", "always", or a pattern of a decision');
    return { taskRef };
  }
  // YAML parses a pattern such as 404 to a number.
  const word = condition === undefined || condition === null ? undefined : textOf(condition);
  if (isDecision(taskRef))
    return word === undefined ? { taskRef } : { taskRef, decisionCondition: word };
  if (word === 'always') return { taskRef };
  return { taskRef, executionCondition: word ?? 'success' };
}

/** The shortest `needs` for these dependencies; undefined when it can be left out. */
export function needsOf(
  dependencies: readonly Dependency[],
  isDecision: (task: string) => boolean,
): JsonValue {
  const words = dependencies.map((one) => [one.taskRef, wordOf(one, isDecision)] as const);
  if (words.some(([, word]) => word !== null)) return jsonObjectOf(words.map(spellOut(isDecision)));
  const names = words.map(([name]) => name);
  const [only] = names;
  return only !== undefined && names.length === 1 ? only : names;
}

/** The condition of a dependency; null if the name alone implies it. */
function wordOf(
  { taskRef, executionCondition, decisionCondition }: Dependency,
  isDecision: (task: string) => boolean,
): JsonValue {
  if (isDecision(taskRef)) {
    if (executionCondition === undefined) return decisionCondition ?? null;
    return { executionCondition, ...(decisionCondition !== undefined && { decisionCondition }) };
  }
  if (executionCondition === 'success') return null;
  return executionCondition ?? 'always';
}

/** Beside others with a word, `success` is written, too; the default edge of a decision stays empty. */
function spellOut(isDecision: (task: string) => boolean) {
  return ([name, word]: readonly [string, JsonValue]): readonly [string, JsonValue] =>
    word === null && !isDecision(name) ? [name, EXECUTION_CONDITIONS[1]] : [name, word];
}
