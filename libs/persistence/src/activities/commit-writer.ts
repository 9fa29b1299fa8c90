import { mongo } from 'mongoose';
import { type MongoLink } from '../connection/mongo-link.js';
import { bulkErrorsOf, refusedWrite } from '../storage/bulk-errors.js';
import { type ActivityDocument } from './activity-document.js';
import { ACTIVITIES } from './activity.schema.js';

/** One revision-checked write, ready to be sent. */
export interface RevisionUpdate {
  readonly id: string;
  /** The stored revision must still be this; the write counts it up. */
  readonly revision: number;
  /** Of this write alone: by it its writer finds out whether it won. */
  readonly commitId: string;
  readonly set: Readonly<Partial<ActivityDocument>>;
  readonly unset: readonly (keyof ActivityDocument)[];
}

type Settled = PromiseSettledResult<'committed' | 'stale'>;

const COMMIT = 'commit activities';
const COMMITTED: Settled = { status: 'fulfilled', value: 'committed' };
const STALE: Settled = { status: 'fulfilled', value: 'stale' };

/**
 * Writes a batch of revision-checked updates in one `bulkWrite`. The filter is the optimistic
 * lock: whoever holds an older revision matches nothing. MongoDB tells only how many matched, so
 * when some did not, one read shows whose commit id is in place. An update that won and was
 * overwritten before that read counts as stale: its driver looks again and finds it done.
 */
export class CommitWriter {
  constructor(private readonly link: MongoLink) {}

  async write(updates: readonly RevisionUpdate[]): Promise<readonly Settled[]> {
    const { matched, errors } = await this.#update(updates);
    if (matched === updates.length) return updates.map(() => COMMITTED);
    const winners = matched === 0 ? new Set<string>() : await this.#winners(updates);
    return updates.map(({ commitId }, index): Settled => {
      const error = errors.get(index);
      if (error) return { status: 'rejected', reason: refusedWrite(COMMIT, error) };
      return winners.has(commitId) ? COMMITTED : STALE;
    });
  }

  async #update(
    updates: readonly RevisionUpdate[],
  ): Promise<{ readonly matched: number; readonly errors: ReadonlyMap<number, mongo.WriteError> }> {
    return this.link.run(COMMIT, async (db) => {
      try {
        const { matchedCount } = await db
          .collection<ActivityDocument>(ACTIVITIES)
          .bulkWrite(updates.map(toUpdateOne), { ordered: false });
        return { matched: matchedCount, errors: new Map() };
      } catch (error) {
        return { matched: matchedOf(error), errors: bulkErrorsOf(error) };
      }
    });
  }

  /** The commit ids that are in place. */
  async #winners(updates: readonly RevisionUpdate[]): Promise<ReadonlySet<string | undefined>> {
    const found = await this.link.run('read commits', (db) =>
      db
        .collection<ActivityDocument>(ACTIVITIES)
        .find({ _id: { $in: updates.map(({ id }) => id) } })
        .project<Pick<ActivityDocument, 'commitId'>>({ commitId: 1 })
        .toArray(),
    );
    return new Set(found.map(({ commitId }) => commitId));
  }
}

function matchedOf(error: unknown): number {
  return error instanceof mongo.MongoBulkWriteError ? error.matchedCount : 0;
}

function toUpdateOne({
  id,
  revision,
  commitId,
  set,
  unset,
}: RevisionUpdate): mongo.AnyBulkWriteOperation<ActivityDocument> {
  return {
    updateOne: {
      filter: { _id: id, revision },
      update: {
        $set: { ...set, commitId, revision: revision + 1 },
        ...(unset.length > 0 && { $unset: Object.fromEntries(unset.map((name) => [name, true])) }),
      },
    },
  };
}
