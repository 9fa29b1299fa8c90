import { Buffer } from 'node:buffer';
import { WAITS_FOR_SLOT } from '@app/workflow-engine';
import { type Activity } from '../../activities/activity.js';
import { type ActivityStore, type ListedActivity } from '../../activities/activity-store.js';
import { CursorInvalidError } from '../../errors.js';
import { NOW, aCommit, aNewActivity, aState, recorded, succeeded } from '../builders.js';

export function describeList(theStore: () => ActivityStore): void {
  describe('list', () => {
    it.each([{}, { workflowId: 'workflow-1' }])(
      'walks all of %j in pages, newest first, whatever comes in meanwhile',
      async (query) => {
        const ids: string[] = [];
        for (let index = 0; index < 7; index += 1) {
          const createdAt = NOW + Math.floor(index / 3);
          ids.push((await recorded(theStore(), `${index}`, NOW, createdAt)).id);
        }

        const seen: Activity[] = [];
        let cursor: string | undefined;
        do {
          const page = await theStore().list({ ...query, limit: 2, ...(cursor && { cursor }) });
          expect(page.activities.length).toBeLessThanOrEqual(2);
          seen.push(...page.activities);
          cursor = page.nextCursor;
          await recorded(theStore(), `new ${seen.length}`, NOW, NOW + 100);
        } while (cursor !== undefined);

        expect(new Set(seen.map(({ id }) => id))).toEqual(new Set(ids));
        expect(seen).toHaveLength(7);
        const times = seen.map(({ createdAt }) => createdAt);
        expect(times).toEqual(times.toSorted((a, b) => b - a));
      },
    );

    it('of open activities begins with what is due first, then what was accepted first, in pages', async () => {
      const ids: string[] = [];
      for (let index = 0; index < 7; index += 1) {
        const wakeAt = NOW - Math.floor(index / 4);
        const createdAt = NOW - Math.floor(index / 2);
        ids.push((await recorded(theStore(), `${index}`, wakeAt, createdAt)).id);
      }

      const seen: ListedActivity[] = [];
      let cursor: string | undefined;
      do {
        const query = { status: 'queued', limit: 2, ...(cursor && { cursor }) } as const;
        const page = await theStore().list(query);
        seen.push(...page.activities);
        cursor = page.nextCursor;
      } while (cursor !== undefined);

      expect(new Set(seen.map(({ id }) => id))).toEqual(new Set(ids));
      expect(seen).toHaveLength(7);
      const times = seen.map(({ wakeAt = 0, createdAt }) => `${NOW - wakeAt} ${NOW - createdAt}`);
      expect(times).toEqual(['1 3', '1 2', '1 2', '0 1', '0 1', '0 0', '0 0']);
    });

    it('filters by workflow and status together', async () => {
      const mine = await recorded(theStore(), 'mine');
      await theStore().record(aNewActivity({ workflowId: 'workflow-2' }));
      const ended = await recorded(theStore(), 'ended');
      await theStore().commit(aCommit({ id: ended.id, state: succeeded() }));

      const page = await theStore().list({ workflowId: 'workflow-1', status: 'queued', limit: 10 });

      expect(page.activities.map(({ id }) => id)).toEqual([mine.id]);
      expect(page).not.toHaveProperty('nextCursor');
    });

    it.each([
      'nonsense',
      '',
      Buffer.from('[1]').toString('base64url'),
      Buffer.from('[{"$gt":0},"x"]').toString('base64url'),
      Buffer.from('{"a":1}').toString('base64url'),
      Buffer.from('[1e300,"x"]').toString('base64url'),
      Buffer.from('[1,1e300,"x"]').toString('base64url'),
    ])('refuses the cursor "%s"', async (cursor) => {
      for (const query of [{}, { status: 'queued' }] as const) {
        const listed = theStore().list({ ...query, limit: 1, cursor });
        await expect(listed).rejects.toThrow(CursorInvalidError);
      }
    });

    it('refuses a cursor of a list that has another order', async () => {
      for (const id of ['a', 'b']) await recorded(theStore(), id);
      const { nextCursor: cursor = '' } = await theStore().list({ limit: 1 });

      const listed = theStore().list({ status: 'queued', limit: 1, cursor });
      await expect(listed).rejects.toThrow(CursorInvalidError);
    });

    it('leaves out the event and the results, which may be large', async () => {
      const { id } = await recorded(theStore());
      const call = { status: 'succeeded', attempt: 1, startedAt: NOW, endedAt: NOW } as const;
      const tasks = {
        call: { ...call, results: { body: 'large' } },
        next: { status: 'running', attempt: 1, keyAttempt: 1, startedAt: NOW } as const,
      };
      const state = aState({ tasks, results: { body: 'large' } });
      await theStore().commit(aCommit({ id, state }));

      const { event: _, ...activity } = (await theStore().get(id)) ?? {};

      expect((await theStore().list({ limit: 1 })).activities).toEqual([
        {
          ...activity,
          state: { ...state, tasks: { ...tasks, call: { ...call, results: {} } }, results: {} },
        },
      ]);
    });

    it('counts the backlog by status, up to a bound', async () => {
      for (const id of ['a', 'b', 'c']) await recorded(theStore(), id);
      const { id } = await recorded(theStore(), 'ended');
      await theStore().commit(aCommit({ id, state: succeeded() }));

      const counted = (countMax: number, more: object = {}): Promise<unknown> =>
        theStore().backlog({ countMax, now: NOW, ...more });
      const others = { running: 0, waiting: 0, slot: 0 };
      expect(await counted(2)).toEqual({ queued: 2, ...others });
      expect(await counted(10)).toEqual({ queued: 3, ...others });
      expect(await counted(2, { statuses: ['queued'] })).toEqual({ queued: 2 });
    });

    it('counts activities that wait for a slot apart from others, whatever else they require', async () => {
      await recorded(theStore(), 'plain', NOW + 60_000);
      const { id } = await recorded(theStore(), 'waits');
      const state = aState({ status: 'queued', scope: { workflow: 1 } });
      const requires = [WAITS_FOR_SLOT, 'language:3'];
      await theStore().commit(aCommit({ id, state, requires, wakeAt: NOW }));

      const query = { countMax: 9, now: NOW, statuses: ['queued', 'running', 'slot'] } as const;
      expect(await theStore().backlog(query)).toEqual({ queued: 1, running: 0, slot: 1 });
      const claim = { now: NOW, limit: 9, leaseMs: 1_000, owner: 'me' };
      const without = { ...claim, features: ['language:3', 'state:3'] };
      expect(await theStore().claimDue(without)).toEqual([]);
      const features = [WAITS_FOR_SLOT, 'language:3', 'state:3'];
      expect(await theStore().claimDue({ ...claim, features })).toMatchObject([{ id }]);

      const begun = { ...state, status: 'running' } as const;
      const left = aCommit({ id, lockVersion: 3, state: begun, requires: ['language:3'] });
      await theStore().commit({ ...left, wakeAt: NOW });
      expect(await theStore().backlog(query)).toEqual({ queued: 1, running: 1, slot: 0 });
    });

    it('returns undefined for an unknown id', async () => {
      expect(await theStore().get('nobody')).toBeUndefined();
    });
  });
}
