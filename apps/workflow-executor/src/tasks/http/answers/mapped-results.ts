import { type JsonObject, jsonObjectOf, type JsonValue } from '@app/json';
import { parseJsonPath, StepBudget, Walk } from '@app/json-path';
import { ResponseOutOfBoundsError } from '../errors.js';

/** Steps of all paths through one answer, two for each value that they visit: about 0.1 s at most. */
const STEPS_MAX = 500_000;

/**
 * What JSONPaths find in the body of an answer, by the names of the results: of a path that leads to one value that
 * value, of any other path the list of all. A result is left out if its path leads to nothing.
 *
 * @throws ResponseOutOfBoundsError if the paths visit too many values
 */
export function mappedResults(
  paths: Readonly<Record<string, string>>,
  body: JsonValue,
): JsonObject {
  const steps = new StepBudget();
  const results: [string, JsonValue][] = [];
  for (const [name, text] of Object.entries(paths)) {
    const path = parseJsonPath(text);
    // A path was valid when the workflow was saved; one that is not any more leads to nothing.
    if (!('find' in path)) continue;
    const walk = new Walk(steps, STEPS_MAX);
    const value = path.follow(body, walk);
    if (walk.isBeyond) {
      throw new ResponseOutOfBoundsError(
        `has more values than the paths of "results" may visit (${STEPS_MAX} steps)`,
      );
    }
    if (value !== undefined) results.push([name, value]);
  }
  return jsonObjectOf(results);
}
