import { type mongo } from 'mongoose';
import { META } from '../due/store-lease.js';

const UNNEEDED = 'unneeded-indexes';

/** The names of indexes that an earlier release created and that are not needed any more, by collection. */
export type Unneeded = readonly {
  readonly collection: string;
  readonly names: readonly string[];
}[];

/** When exactly these indexes were first unneeded, by MongoDB's clock. A release may change indexes without a new version. */
interface UnneededDocument {
  readonly _id: typeof UNNEEDED;
  readonly names: readonly string[];
  readonly at: Date;
}

/**
 * How long just these have not been needed, in milliseconds, noted at the first look. Both instants are of MongoDB's
 * clock, whatever this machine's says.
 */
export async function unneededForMs(db: mongo.Db, unneeded: Unneeded): Promise<number> {
  const names = unneeded.flatMap((of) => of.names.map((name) => `${of.collection}.${name}`));
  const noted = { $literal: names.toSorted() };
  const at = { $cond: [{ $eq: ['$names', noted] }, '$at', '$$NOW'] };
  const notes = db.collection<UnneededDocument>(META);
  const change = [{ $set: { at, names: noted } }];
  await notes.updateOne({ _id: UNNEEDED }, change, { upsert: true });
  const forMs = { $subtract: ['$$NOW', '$at'] };
  const found = await notes.findOne<{ readonly forMs: number }>(
    { _id: UNNEEDED },
    { projection: { forMs } },
  );
  return found?.forMs ?? 0;
}

/** What is found later is counted anew. */
export async function forgetUnneeded(db: mongo.Db): Promise<void> {
  await db.collection<UnneededDocument>(META).deleteOne({ _id: UNNEEDED });
}
