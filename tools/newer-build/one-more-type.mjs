const EXECUTOR = '/bundles/workflow-executor/main.js';
/** The row of the task type `end` in the table of task types. A bundle may have renamed the behaviour. */
const ROW = /\[\s*"end",\s*(end\d*)\s*\],/;

/**
 * A module hook of Node that adds a task type `teleport`, which succeeds at once, as `end` does.
 *
 * @type {import('node:module').LoadHook}
 */
export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (!url.endsWith(EXECUTOR)) return loaded;
  const source = Buffer.from(/** @type {Uint8Array} */ (loaded.source)).toString();
  if (!ROW.test(source)) throw new Error(`There is no row ${ROW} in ${url} any more`);
  return { ...loaded, source: source.replace(ROW, '$& ["teleport", $1],') };
}
