import { type mongo } from 'mongoose';

export const META = 'meta';

interface LeaseDocument {
  readonly _id: string;
  readonly owner?: string;
  readonly until: Date;
  /** What its work has to remember from one holder to the next. */
  readonly notes?: mongo.Document;
}

/**
 * Work that only one process at a time may do: a document in `meta` that says whose it is, and until
 * when, by MongoDB's own clock. Whoever dies with it is followed when it has run out.
 */
export class StoreLease {
  constructor(
    /** Of the work, such as `migration`. */
    readonly name: string,
    private readonly owner: string,
    private readonly leaseMs: number,
  ) {}

  /** The notes of whoever had it before, if it is this one's now; undefined while it is another's. */
  async take(db: mongo.Db): Promise<mongo.Document | undefined> {
    const leases = db.collection<LeaseDocument>(META);
    const fresh = { $setOnInsert: { until: new Date(0) } };
    await leases.updateOne({ _id: this.name }, fresh, { upsert: true });
    const isFree = { $expr: { $lte: ['$until', '$$NOW'] } };
    const taken = await leases.findOneAndUpdate(
      { _id: this.name, $or: [isFree, { owner: this.owner }] },
      this.#extension(),
      { returnDocument: 'after' },
    );
    return taken ? (taken.notes ?? {}) : undefined;
  }

  /** Keeps it for another term; false when it is another's: then the work must end. */
  async renew(db: mongo.Db, notes?: mongo.Document): Promise<boolean> {
    const { matchedCount } = await db
      .collection<LeaseDocument>(META)
      .updateOne({ _id: this.name, owner: this.owner }, this.#extension(notes));
    return matchedCount === 1;
  }

  async giveUp(db: mongo.Db, notes?: mongo.Document): Promise<void> {
    const set = { until: new Date(0), ...(notes && { notes }) };
    await db
      .collection<LeaseDocument>(META)
      .updateOne({ _id: this.name, owner: this.owner }, { $set: set, $unset: { owner: true } });
  }

  #extension(notes?: mongo.Document): mongo.Document[] {
    const until = { $add: ['$$NOW', this.leaseMs] };
    return [{ $set: { owner: this.owner, until, ...(notes && { notes: { $literal: notes } }) } }];
  }
}
