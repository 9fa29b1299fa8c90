import { isJsonObject, type JsonValue, membersIn } from '@app/json';
import { parseJsonPath } from '@app/json-path';
import { MAPPED_RESULTS_MAX, PATH_CHARS_MAX } from '../../bounds.js';
import { paramNameProblem } from '../../definition/names.js';
import { HTTP_RESULT_NAMES } from '../../state/http-call.js';
import { type ParamRule } from '../task-behaviour.js';

/** `results` of an `http` task: names, each with the JSONPath (RFC 9535) of its value in the body of the answer. */
export const MAPPED_RESULTS: ParamRule = {
  required: false,
  about: 'Results in the place of the body: names, each with a JSONPath into it ("$.order.id").',
  schema: {
    type: 'object',
    minProperties: 1,
    maxProperties: MAPPED_RESULTS_MAX,
    additionalProperties: { type: 'string', pattern: '^\\$' },
  },
  problem: problemOf,
  verbatim: true,
};

function problemOf(value: JsonValue): string | undefined {
  const paths = isJsonObject(value) ? membersIn(value) : [];
  if (paths.length === 0 || paths.length > MAPPED_RESULTS_MAX) {
    return `must be an object of 1 to ${MAPPED_RESULTS_MAX} names, each with a JSONPath: { total: "$.order.total" }`;
  }
  for (const [name, path] of paths) {
    const problem = nameProblem(name) ?? pathProblem(path);
    if (problem !== undefined) return `has "${name}", which ${problem}`;
  }
  return undefined;
}

function nameProblem(name: string): string | undefined {
  const isTaken = HTTP_RESULT_NAMES.some((known) => known === name);
  return isTaken ? 'is a result of every http task: choose another name' : paramNameProblem(name);
}

function pathProblem(path: JsonValue): string | undefined {
  if (typeof path !== 'string' || path.length > PATH_CHARS_MAX) {
    return `must be a JSONPath of at most ${PATH_CHARS_MAX} characters`;
  }
  const parsed = parseJsonPath(path);
  return 'find' in parsed ? undefined : `is no JSONPath: ${parsed.reason}`;
}

/** Of a value that `MAPPED_RESULTS` has found to be fine. */
export function readMappedResults(value: JsonValue): Readonly<Record<string, string>> {
  const paths = isJsonObject(value) ? membersIn(value) : [];
  return Object.fromEntries(
    paths.flatMap(([name, path]) => (typeof path === 'string' ? [[name, path]] : [])),
  );
}
