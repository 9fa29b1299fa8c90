import { claimDue } from '../src/activities/claiming/due-claim.js';
import { DueReader } from '../src/activities/claiming/due-reader.js';
import { CommitWriter } from '../src/activities/writing/commit-writer.js';
import { NOW, recorded } from '../src/testing/builders.js';
import { MongoStores } from './mongo-stores.js';

const CLAIM = { now: NOW, limit: 3, leaseMs: 1_000 };

let stores: MongoStores;

beforeAll(async () => {
  stores = await new MongoStores().open();
});
afterAll(() => stores.drop());

/** Writes after another caller has claimed the oldest one. */
class LateWriter extends CommitWriter {
  override async write(
    updates: Parameters<CommitWriter['write']>[0],
  ): ReturnType<CommitWriter['write']> {
    await stores.activities.claimDue({ ...CLAIM, limit: 1, owner: 'first' });
    return super.write(updates);
  }
}

describe('a claim', () => {
  it('tells how many of what it found another caller wrote first', async () => {
    for (const id of ['1', '2', '3']) await recorded(stores.activities, id, NOW);
    const lost: number[] = [];
    const onLost = (count: number): void => {
      lost.push(count);
    };
    const late = new LateWriter(stores.link);
    const reader = new DueReader(stores.link);

    const claimed = await claimDue(stores.link, reader, late, { ...CLAIM, owner: 'late', onLost });

    expect(claimed).toHaveLength(2);
    expect(lost).toEqual([1]);
  });
});
