import { type ActivityStore } from '../activities/activity-store.js';
import { type RejectedRequestStore } from '../rejected-requests/rejected-request-store.js';
import { NOW, aCommit, aRejectedRequest, aState, recorded } from './builders.js';

const DAY_MS = 86_400_000;

/** What every `RejectedRequestStore` does; the stores are empty and look at the same activities. */
export function describeRejectedRequestStore(
  name: string,
  stores: () => {
    readonly rejectedRequests: RejectedRequestStore;
    readonly activities: ActivityStore;
  },
): void {
  describe(name, () => {
    it('creates failed activities for the rejected requests of a day, each for ten times as many', async () => {
      const { rejectedRequests, activities } = stores();
      const first = aRejectedRequest({ eventId: 'e1', source: '/s', remoteAddress: '10.0.0.1' });

      rejectedRequests.add(first);
      await rejectedRequests.flush();
      for (let index = 1; index < 50; index += 1) {
        rejectedRequests.add(aRejectedRequest({ at: NOW + index, eventId: `other ${index}` }));
      }
      await rejectedRequests.flush();

      const { activities: found } = await activities.list({ workflowId: 'workflow-1', limit: 10 });
      expect(found.map(({ refusal }) => refusal?.count)).toEqual([40, 9, 1]);
      expect(found[2]).toMatchObject({
        workflowRevision: 0,
        trigger: 'event',
        status: 'failed',
        createdAt: NOW,
        inbox: [],
        failure: { level: 'workflow', code: 'TOKEN_INVALID', message: first.message },
        refusal: {
          count: 1,
          firstAt: NOW,
          lastAt: NOW,
          eventId: 'e1',
          source: '/s',
          remoteAddress: '10.0.0.1',
        },
      });
      expect(found[0]?.refusal).toMatchObject({ firstAt: NOW + 10, lastAt: NOW + 49 });
      expect(found[2]).not.toHaveProperty('event');
      expect(found[2]).not.toHaveProperty('wakeAt');
      expect(await activities.get(found[2]?.id ?? '')).toEqual(found[2]);
    });

    it('creates a few records for 10,000 a day, and counts each', async () => {
      const { rejectedRequests, activities } = stores();
      const startOfDay = NOW - (NOW % DAY_MS);
      for (let index = 0; index < 10_000; index += 1) {
        rejectedRequests.add(
          aRejectedRequest({
            workflowId: 'flooded',
            at: startOfDay + Math.floor((index * DAY_MS) / 10_000),
          }),
        );
      }
      await rejectedRequests.flush();

      const { activities: found } = await activities.list({ workflowId: 'flooded', limit: 100 });
      expect(found).toHaveLength(5);
      const counts = found.map(({ refusal }) => refusal?.count ?? 0);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(10_000);
    });

    it('is listed apart from runs that failed, or with them', async () => {
      const { rejectedRequests, activities } = stores();
      const { id } = await recorded(activities);
      const failure = { level: 'workflow', code: 'SOME', message: 'some' } as const;
      const state = aState({ status: 'failed', endedAt: NOW, failure });
      await activities.commit(aCommit({ id, state }));
      rejectedRequests.add(aRejectedRequest());
      await rejectedRequests.flush();

      const queries = [{}, { workflowId: 'workflow-1' }].flatMap((query) => [
        query,
        { ...query, status: 'failed' as const },
      ]);
      for (const query of queries) {
        const listed = async (rest: object): Promise<readonly boolean[]> => {
          const page = await activities.list({ ...query, ...rest, limit: 10 });
          return page.activities.map(({ refusal }) => refusal !== undefined);
        };
        expect((await listed({})).toSorted()).toEqual([false, true]);
        expect(await listed({ refused: true })).toEqual([true]);
        expect(await listed({ refused: false })).toEqual([false]);
      }
    });

    it.each([
      ['day', aRejectedRequest({ at: NOW + DAY_MS })],
      ['trigger', aRejectedRequest({ trigger: 'webhook' })],
      ['code', aRejectedRequest({ code: 'TRIGGER_OFF' })],
      ['workflow', aRejectedRequest({ workflowId: 'workflow-2' })],
    ])('keeps those of another %s apart', async (_, other) => {
      const { rejectedRequests, activities } = stores();

      rejectedRequests.add(aRejectedRequest());
      rejectedRequests.add(other);
      await rejectedRequests.flush();

      const { activities: found } = await activities.list({ limit: 10 });
      expect(found.map(({ refusal }) => refusal?.count)).toEqual([1, 1]);
    });

    it('counts a rejected request that arrives out of order', async () => {
      const { rejectedRequests, activities } = stores();
      const workflowId = 'disordered';
      rejectedRequests.add(aRejectedRequest({ workflowId, at: NOW + 5 }));
      rejectedRequests.add(aRejectedRequest({ workflowId, at: NOW + 10 }));
      await rejectedRequests.flush();

      rejectedRequests.add(aRejectedRequest({ workflowId, at: NOW }));
      await rejectedRequests.flush();

      const { activities: found } = await activities.list({ status: 'failed', limit: 10 });
      const shared = found.find(({ refusal }) => refusal?.count === 2);
      expect(shared?.refusal).toMatchObject({ firstAt: NOW, lastAt: NOW + 10 });
    });

    it('is never due, and accepts no signal', async () => {
      const { rejectedRequests, activities } = stores();
      rejectedRequests.add(aRejectedRequest());
      await rejectedRequests.flush();
      const claim = { now: NOW * 2, limit: 10, leaseMs: 1, owner: 'sweeper' };

      expect(await activities.claimDue(claim)).toEqual([]);
      const [refused] = (await activities.list({ limit: 1 })).activities;
      const signal = { id: 's', kind: 'cancel', reason: 'a test', at: NOW } as const;
      expect(await activities.signal(refused?.id ?? '', signal)).toBe('final');
    });

    it('keeps a bounded part of what an unauthorized sender sent', async () => {
      const { rejectedRequests, activities } = stores();

      rejectedRequests.add(aRejectedRequest({ eventId: 'x'.repeat(100_000) }));
      await rejectedRequests.flush();

      const [refused] = (await activities.list({ limit: 1 })).activities;
      expect(refused?.refusal?.eventId).toBe('x'.repeat(256));
    });
  });
}
