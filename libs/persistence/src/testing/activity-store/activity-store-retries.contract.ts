import { type ActivityRetryOf } from '../../activities/activity.js';
import { type ActivityStore } from '../../activities/activity-store.js';
import { aCommit, aNewActivity, aState, NOW } from '../builders.js';

const RETRY: ActivityRetryOf = {
  ...{ activity: 'before', first: 'first', attempt: 3, from: 'failed', revision: 'latest' },
  ...{ keysOf: 'first', by: 'ada', reason: 'it is mended' },
};

/** Runs that continue other runs. */
export function describeRetries(theStore: () => ActivityStore): void {
  describe('a run that goes on from another', () => {
    const large = { text: 'x'.repeat(100_000) };
    const kept = { attempt: 2, startedAt: NOW, endedAt: NOW + 1 };

    it('has its origin, in lists as well', async () => {
      await theStore().record(aNewActivity({ id: 'again', retryOf: RETRY }));

      expect(await theStore().get('again')).toMatchObject({ retryOf: RETRY });
      const { activities } = await theStore().list({ workflowId: 'workflow-1', limit: 1 });
      expect(activities).toMatchObject([{ retryOf: RETRY }]);
    });

    it.each([
      ['has to take over', { status: 'pending', kept, results: large }],
      ['did not come to take over', { status: 'skipped', endedAt: NOW, kept, results: {} }],
    ] as const)('has what it %s, however large', async (_, task) => {
      await theStore().record(aNewActivity({ id: 'again', retryOf: RETRY }));
      const earlier = {
        attempts: { call: 4, 'a.b $x': 1 },
        keys: { call: { attempt: 3, at: NOW } },
      };
      const state = aState({ tasks: { pay: task }, earlier });

      await theStore().commit(aCommit({ id: 'again', state, wakeAt: NOW }));

      expect((await theStore().get('again'))?.state).toEqual(state);
    });
  });
}
