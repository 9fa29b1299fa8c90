import { type MongoLink } from '../src/connection/mongo-link.js';
import { CommitWriter } from '../src/activities/writing/commit-writer.js';
import { toUpdate } from '../src/activities/writing/to-update.js';
import { aCommit, NOW, recorded } from '../src/testing/builders.js';
import { MongoStores } from './mongo-stores.js';

let stores: MongoStores;

beforeAll(async () => {
  stores = await new MongoStores().open();
});
afterAll(() => stores.drop());

/** Something is written between a commit and the look at what became of it. */
function linkWith(between: () => Promise<unknown>): Pick<MongoLink, 'run'> {
  const run: MongoLink['run'] = async (operation, work) => {
    const answer = await stores.link.run(operation, work);
    if (operation === 'commit activities') await between();
    return answer;
  };
  return { run };
}

describe('of a batch in which one is stale, a commit', () => {
  const leased = { wakeAt: NOW + 30_000, leaseOwner: 'its driver', leaseMs: 30_000 };

  async function outcomesWith(between: (id: string) => Promise<unknown>): Promise<unknown> {
    const { id } = await recorded(stores.activities, `${Math.random()}`, NOW);
    const writer = new CommitWriter(linkWith(() => between(id)));
    const updates = [aCommit({ id, ...leased }), aCommit({ id: 'not there' })];
    return writer.write(updates.map((commit) => toUpdate(commit, undefined)));
  }

  function outcomes(...values: readonly string[]): unknown {
    return values.map((value) => ({ status: 'fulfilled', value }));
  }

  it('counts as committed when a signal is written over it before it is looked at', async () => {
    const event = { kind: 'event', topic: 'news', payload: null, id: 'over it', at: NOW } as const;

    expect(await outcomesWith((id) => stores.activities.signal(id, event))).toEqual(
      outcomes('committed', 'stale'),
    );
  });

  it('counts as stale when another commit is written over it before it is looked at', async () => {
    const over = (id: string): Promise<unknown> =>
      stores.activities.commit(aCommit({ id, lockVersion: 2, wakeAt: NOW }));

    expect(await outcomesWith(over)).toEqual(outcomes('stale', 'stale'));
  });
});
