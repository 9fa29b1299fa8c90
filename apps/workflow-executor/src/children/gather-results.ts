import { type JsonValue, toJsonText } from '@app/json';
import { type RunEnd } from '@app/persistence';
import { CHILD_RESULTS_CHARS_MAX, fitsAsJson } from '@app/workflow-engine';

/** The largest results that a task takes, in bytes as they are stored. BSON takes up to eight times the JSON. */
export const RESULTS_BYTES_MAX = 8 * CHILD_RESULTS_CHARS_MAX;
/** The number of children whose results are read at a time. */
const CHILDREN_PER_READ = 50;

type ReadEnds = (
  ids: readonly string[],
  resultsBytesMax: number,
) => Promise<ReadonlyMap<string, RunEnd>>;

/**
 * The results of these runs, in the order of the runs; null for a run that did not succeed. Undefined when together
 * they exceed what a signal can carry. Sizes are read first, so results that are too large together are not read at all.
 */
export async function gatherResults(
  children: readonly string[],
  endsOf: ReadEnds,
): Promise<readonly JsonValue[] | undefined> {
  const sizes = [...(await endsOf(children, 0)).values()];
  const bytes = sizes.filter(({ status }) => status === 'succeeded').map((one) => one.resultsBytes);
  if (bytes.reduce((sum, one) => sum + one, 0) > RESULTS_BYTES_MAX) return undefined;
  const all: JsonValue[] = [];
  let chars = 0;
  for (let from = 0; from < children.length; from += CHILDREN_PER_READ) {
    const some = children.slice(from, from + CHILDREN_PER_READ);
    const ends = await endsOf(some, RESULTS_BYTES_MAX);
    for (const child of some) {
      const end = ends.get(child);
      const results = end?.status === 'succeeded' ? (end.results ?? {}) : null;
      if (!fitsAsJson(results, CHILD_RESULTS_CHARS_MAX)) return undefined;
      chars += toJsonText(results).length + 1;
      if (chars > CHILD_RESULTS_CHARS_MAX) return undefined;
      all.push(results);
    }
  }
  return all;
}
