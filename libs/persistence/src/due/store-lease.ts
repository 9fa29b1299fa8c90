import { type mongo } from 'mongoose';

export const META = 'meta';

interface LeaseDocument {
  readonly _id: string;
  readonly owner?: string;
  readonly until: Date;
  /** The notes of the work, which pass from one holder to the next. */
  readonly notes?: mongo.Document;
}

/**
 * A lease for work that only one process at a time may do: a document in `meta` with the owner and the end of the lease
 * by MongoDB's clock. If the owner dies, another process can take the lease when it has expired.
 */
export class StoreLease {
  constructor(
    /** The name of the work, such as `migration`. */
    readonly name: string,
    private readonly owner: string,
    private readonly leaseMs: number,
  ) {}

  /** Takes the lease. @returns the notes of the holder before; undefined while another process has it */
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

  /** Renews the lease. @returns false when another process has it: then the work must end */
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
