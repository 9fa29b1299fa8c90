import { type ActivityParent } from '../../activities/activity.js';
import { type ActivityStore } from '../../activities/activity-store.js';
import { type RunEnd } from '../../activities/run-ends.js';
import { aCommit, aNewActivity, anEvent, NOW, succeeded } from '../builders.js';

const PARENT: ActivityParent = {
  ...{ activity: 'parent', task: 'call', attempt: 2, generation: 1, waits: true },
};

/** Runs that tasks began. */
export function describeChildren(theStore: () => ActivityStore): void {
  async function record(id: string, createdAt: number, parent = PARENT): Promise<void> {
    const event = anEvent({ id });
    await theStore().record(aNewActivity({ id, event, createdAt, trigger: 'task', parent }));
  }

  describe('children', () => {
    it('returns the parent of a run, from a claim as well', async () => {
      await record('a', NOW);
      expect(await theStore().get('a')).toMatchObject({ trigger: 'task', parent: PARENT });

      const claim = { now: NOW + 86_400_000, limit: 10, leaseMs: 1_000, owner: 'me' };
      expect(await theStore().claimDue(claim)).toMatchObject([{ id: 'a', parent: PARENT }]);
    });

    it('lists the children of a run in pages, oldest first', async () => {
      for (const [at, id] of ['c', 'a', 'b', 'd'].entries()) await record(id, NOW + (at >> 1));
      await record('e', NOW, { ...PARENT, activity: 'another' });
      await theStore().commit(aCommit({ id: 'a', state: succeeded() }));

      const first = await theStore().children('parent', { limit: 3 });
      const { nextCursor = '' } = first;
      const second = await theStore().children('parent', { limit: 3, cursor: nextCursor });

      expect(first.children).toEqual([
        {
          ...{ id: 'a', workflowId: 'workflow-1', status: 'succeeded', createdAt: NOW },
          ...{ parent: PARENT, endedAt: NOW + 1 },
        },
        { id: 'c', workflowId: 'workflow-1', status: 'queued', createdAt: NOW, parent: PARENT },
        { id: 'b', workflowId: 'workflow-1', status: 'queued', createdAt: NOW + 1, parent: PARENT },
      ]);
      expect(second).toMatchObject({ children: [{ id: 'd' }] });
      expect(second).not.toHaveProperty('nextCursor');
      expect(await theStore().children('nobody', { limit: 3 })).toEqual({ children: [] });
    });

    it('returns the ends of runs, with results up to the requested size', async () => {
      await record('a', NOW);
      await record('b', NOW);
      const failure = { level: 'workflow', code: 'END_NOT_REACHED', message: 'no path' } as const;
      const results = { sum: 12, text: 'x'.repeat(100_000) };
      const [a, b] = [succeeded(), succeeded()];
      await theStore().commit(aCommit({ id: 'a', state: { ...a, results } }));
      await theStore().commit(aCommit({ id: 'b', state: { ...b, status: 'failed', failure } }));
      await record('c', NOW);
      const endsOf = async (bytesMax: number): Promise<readonly RunEnd[]> => {
        const ends = await theStore().endsOf(['c', 'nobody', 'a', 'b'], bytesMax);
        return ends.toSorted((one, other) => (one.id < other.id ? -1 : 1));
      };
      const facts = { parent: PARENT, resultsBytes: expect.any(Number) as number };
      const ended = { ...facts, isBegun: true };
      const open = { ...facts, id: 'c', status: 'queued', isBegun: false };

      expect(await endsOf(1_000_000)).toEqual([
        { ...ended, id: 'a', status: 'succeeded', results },
        { ...ended, id: 'b', status: 'failed', failure, results: {} },
        { ...open, results: {} },
      ]);
      expect(await endsOf(99_999)).toMatchObject([{ id: 'a' }, { results: {} }, { results: {} }]);
      const [large] = await endsOf(99_999);
      expect(large?.resultsBytes).toBeGreaterThanOrEqual(100_000);
      expect(large).not.toHaveProperty('results');
      for (const end of await endsOf(0)) expect(end).not.toHaveProperty('results');
      expect(await theStore().endsOf([], 0)).toEqual([]);
    });

    it('counts results that are stored beside the record', async () => {
      await record('a', NOW);
      const results = { text: 'x'.repeat(2_000_000), more: 'y'.repeat(2_000_000) };
      await theStore().commit(aCommit({ id: 'a', state: { ...succeeded(), results } }));

      const [end] = await theStore().endsOf(['a'], 3_999_999);
      expect(end?.resultsBytes).toBeGreaterThanOrEqual(4_000_000);
      expect(end).not.toHaveProperty('results');
      expect(await theStore().endsOf(['a'], 8_000_000)).toMatchObject([{ results }]);
    });

    it('records a refused run, unless a run with its id is on record', async () => {
      const failure = { level: 'workflow', code: 'TRIGGER_OFF', message: 'not by tasks' } as const;
      const child = aNewActivity({ id: 'a', trigger: 'task', parent: PARENT });

      expect(await theStore().recordRefused(child, failure)).toBe('recorded');
      expect(await theStore().recordRefused(child, failure)).toBe('there');
      expect((await theStore().record(child)).kind).not.toBe('recorded');
      expect(await theStore().get('a')).toMatchObject({ status: 'failed', failure, inbox: [] });
      expect(await theStore().endsOf(['a'], 0)).toMatchObject([
        { status: 'failed', failure, isBegun: false },
      ]);
      const signal = { id: 's', at: NOW, kind: 'cancel', reason: 'enough' } as const;
      expect(await theStore().signal('a', signal)).toBe('final');
      const claim = { now: NOW + 86_400_000, limit: 10, leaseMs: 1_000, owner: 'me' };
      expect(await theStore().claimDue(claim)).toEqual([]);
      await record('b', NOW);
      const other = { ...child, id: 'b' };
      expect(await theStore().recordRefused(other, failure)).toBe('there');
      expect(await theStore().statusOf('b')).toBe('queued');
    });

    it('counts the descendants of a run up to a bound, also during writes', async () => {
      await record('root', NOW);
      const count = (): Promise<string> => theStore().countDescendant('root', 2);

      expect(await count()).toBe('counted');
      // Counting leaves the lock version as it is, so the driver's next commit succeeds.
      expect(await theStore().commit(aCommit({ id: 'root', state: succeeded() }))).toBe(
        'committed',
      );
      expect([await count(), await count()]).toEqual(['counted', 'full']);
      expect(await theStore().countDescendant('root', 3)).toBe('counted');
      expect(await theStore().countDescendant('nobody', 2)).toBe('not-found');
    });
  });
}
