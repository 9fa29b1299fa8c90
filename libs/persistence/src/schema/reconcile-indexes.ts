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

/**
 * Creates what is missing, and leaves what is there. An index is known by its definition and not by
 * its name: one that has changed is built under another name (`due` becomes `due_2`) beside the old
 * one, which serves until the new one is there. Others than ours stay untouched.
 *
 * @returns the indexes that are ours and are not needed any more; drop them with `dropIndexes`
 */
export async function reconcileIndexes(
  db: mongo.Db,
  { collection, wanted, retired }: CollectionIndexes,
): Promise<readonly string[]> {
  const existing = await indexesOf(db, collection);
  const definitions = new Set(existing.map(definitionOf));
  const names = new Set(existing.map(({ name }) => name));
  for (const index of wanted) {
    if (definitions.has(definitionOf(index))) continue;
    const { key, ...options } = index;
    const name = freeName(index.name, names);
    names.add(name);
    await db.collection(collection).createIndexes([{ ...options, key, name }]);
  }
  const wantedDefinitions = new Set(wanted.map(definitionOf));
  const ours = [...retired, ...wanted.map(({ name }) => name)];
  return existing
    .filter((index) => !wantedDefinitions.has(definitionOf(index)))
    .map(({ name }) => name)
    .filter((name) => ours.includes(name.replace(/_\d+$/, '')));
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
    // Nobody has written anything yet.
    if (error instanceof mongo.MongoServerError && error.code === NAMESPACE_NOT_FOUND) return [];
    throw error;
  }
}

function definitionOf(index: IndexDefinition): string {
  const { key, unique = false, partialFilterExpression, expireAfterSeconds } = index;
  return JSON.stringify([Object.entries(key), unique, partialFilterExpression, expireAfterSeconds]);
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name}_${number}`;
  return free;
}
