import { mongo } from 'mongoose';

/** An index as a schema names it. */
export interface IndexDefinition {
  readonly name: string;
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly unique?: boolean;
  readonly partialFilterExpression?: mongo.Document;
  readonly expireAfterSeconds?: number;
}

export interface CollectionIndexes {
  readonly collection: string;
  readonly wanted: readonly IndexDefinition[];
  /** Names that earlier versions had and no version needs any more. */
  readonly retired: readonly string[];
}

const NAMESPACE_NOT_FOUND = 26;

/** How the existing indexes differ from the wanted ones. */
export interface IndexDifferences {
  readonly missing: readonly IndexDefinition[];
  /** Names of indexes that are ours and are not needed any more; drop them with `dropIndexes`. */
  readonly unneeded: readonly string[];
}

/**
 * Compares the indexes of a collection, and changes nothing. An index is identified by its definition and not by its
 * name: a changed one must be built under another name (`due` becomes `due_2`) beside the old one, which serves until
 * the new one is ready. Indexes that an operator created are ignored.
 */
export async function compareIndexes(
  db: mongo.Db,
  { collection, wanted, retired }: CollectionIndexes,
): Promise<IndexDifferences> {
  const existing = await indexesOf(db, collection);
  const definitions = new Set(existing.map(definitionOf));
  const names = new Set(existing.map(({ name }) => name));
  const missing = wanted
    .filter((index) => !definitions.has(definitionOf(index)))
    .map((index) => ({ ...index, name: takeFreeName(index.name, names) }));
  const wantedDefinitions = new Set(wanted.map(definitionOf));
  const ours = [...retired, ...wanted.map(({ name }) => name)];
  const unneeded = existing
    .filter((index) => !wantedDefinitions.has(definitionOf(index)))
    .map(({ name }) => name)
    .filter((name) => ours.includes(name.replace(/_\d+$/, '')));
  return { missing, unneeded };
}

/**
 * Creates what is missing, and leaves what is there.
 *
 * @returns the indexes that are ours and are not needed any more
 */
export async function reconcileIndexes(
  db: mongo.Db,
  indexes: CollectionIndexes,
): Promise<readonly string[]> {
  const { missing, unneeded } = await compareIndexes(db, indexes);
  for (const index of missing) {
    await db.collection(indexes.collection).createIndexes([{ ...index }]);
  }
  return unneeded;
}

export async function dropIndexes(
  db: mongo.Db,
  collection: string,
  names: readonly string[],
): Promise<void> {
  for (const name of names) await db.collection(collection).dropIndex(name);
}

async function indexesOf(db: mongo.Db, collection: string): Promise<readonly IndexDefinition[]> {
  try {
    return (await db.collection(collection).indexes()) as unknown as IndexDefinition[];
  } catch (error) {
    // The collection does not exist yet.
    if (error instanceof mongo.MongoServerError && error.code === NAMESPACE_NOT_FOUND) return [];
    throw error;
  }
}

function definitionOf(index: IndexDefinition): string {
  const { key, unique = false, partialFilterExpression, expireAfterSeconds } = index;
  return JSON.stringify([Object.entries(key), unique, partialFilterExpression, expireAfterSeconds]);
}

function takeFreeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name}_${number}`;
  taken.add(free);
  return free;
}
