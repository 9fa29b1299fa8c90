const TABLE = '/task-types/task-behaviours.js';
const ROW = "['end', end],";

/**
 * Node's hook for modules: a task of type `teleport` does what one of type `end` does, it is done at once.
 *
 * @type {import('node:module').LoadHook}
 */
export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (!url.endsWith(TABLE)) return loaded;
  const source = Buffer.from(/** @type {Uint8Array} */ (loaded.source)).toString();
  if (!source.includes(ROW)) throw new Error(`There is no row ${ROW} in ${url} any more`);
  return { ...loaded, source: source.replace(ROW, `${ROW} ['teleport', end],`) };
}
