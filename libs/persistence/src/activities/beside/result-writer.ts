import { type mongo } from 'mongoose';
import { type MongoLink } from '../../connection/mongo-link.js';
import { isDuplicateKey, refusedWrite, runWrite } from '../../storage/write-command.js';
import { resultIdOf, RESULTS } from './results.schema.js';

/** The texts that one commit refers to. */
export interface ResultTexts {
  readonly activityId: string;
  readonly byDigest: ReadonlyMap<string, string>;
  readonly bytes: number;
}

type Settled = PromiseSettledResult<'written'>;

const WRITE = 'write results';
const WRITTEN: Settled = { status: 'fulfilled', value: 'written' };

/**
 * Writes large results into the collection `results`, those of a batch in one command, before the commits that refer
 * to them. Writing one again only renews its time, which tells a sweep that a reference to it may be about to be
 * committed.
 */
export class ResultWriter {
  constructor(private readonly link: MongoLink) {}

  async write(batch: readonly ResultTexts[]): Promise<readonly Settled[]> {
    const updates = batch.map(toStatements);
    const { refused } = await this.link.run(WRITE, (db) =>
      runWrite(db, WRITE, { update: RESULTS, updates: updates.flat() }),
    );
    let first = 0;
    return updates.map(({ length }): Settled => {
      const at = first;
      first += length;
      const rejections = Array.from({ length }, (_, index) => refused.get(at + index));
      // Another process wrote the same result at the same moment.
      const rejection = rejections.find((one) => one !== undefined && !isDuplicateKey(one));
      if (rejection === undefined) return WRITTEN;
      return { status: 'rejected', reason: refusedWrite(WRITE, rejection) };
    });
  }
}

function toStatements({ activityId, byDigest }: ResultTexts): readonly mongo.Document[] {
  return Array.from(byDigest, ([digest, json]) => ({
    q: { _id: resultIdOf(activityId, digest) },
    u: { $setOnInsert: { json }, $currentDate: { at: true } },
    upsert: true,
  }));
}
