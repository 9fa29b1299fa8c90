import { type ActivityParent } from '../../activities/activity.js';
import { type ActivityStore } from '../../activities/activity-store.js';
import { aCommit, aNewActivity, anEvent, NOW, succeeded } from '../builders.js';

const PARENT: ActivityParent = {
  ...{ activity: 'parent', task: 'call', attempt: 2, generation: 1, waits: true },
};

/** What is on record of runs that tasks began. */
export function describeChildren(theStore: () => ActivityStore): void {
  async function record(id: string, createdAt: number, parent = PARENT): Promise<void> {
    const event = anEvent({ id });
    await theStore().record(aNewActivity({ id, event, createdAt, trigger: 'task', parent }));
  }

  describe('children', () => {
    it('says of a run which one began it, also when it is taken up', async () => {
      await record('a', NOW);
      expect(await theStore().get('a')).toMatchObject({ trigger: 'task', parent: PARENT });

      const claim = { now: NOW + 86_400_000, limit: 10, leaseMs: 1_000, owner: 'me' };
      expect(await theStore().claimDue(claim)).toMatchObject([{ id: 'a', parent: PARENT }]);
    });

    it('lists what a run has begun, oldest first, a page at a time', async () => {
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

    it('counts what is behind a run up to a bound, also while that is written', async () => {
      await record('root', NOW);
      const count = (): Promise<string> => theStore().countDescendant('root', 2);

      expect(await count()).toBe('counted');
      // Nobody who drives it has to read it again for that.
      expect(await theStore().commit(aCommit({ id: 'root', state: succeeded() }))).toBe(
        'committed',
      );
      expect([await count(), await count()]).toEqual(['counted', 'full']);
      expect(await theStore().countDescendant('root', 3)).toBe('counted');
      expect(await theStore().countDescendant('nobody', 2)).toBe('not-found');
    });
  });
}
