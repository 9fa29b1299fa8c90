import { type ActivityStore } from '../../activities/activity-store.js';
import { type NewActivity } from '../../activities/activity.js';
import { NOW, aCommit, aNewActivity, anEvent, jsonData } from '../builders.js';

const CANCEL = { kind: 'cancel', id: 'signal-1', at: NOW, reason: 'enough' } as const;

export function describeRecordEarlier(theStore: () => ActivityStore): void {
  describe('recordEarlier', () => {
    const later = aNewActivity({
      event: anEvent({ time: '2026-01-02T03:04:05Z', data: jsonData('later') }),
      createdAt: NOW + 10,
      workflowRevision: 2,
    });
    const earlier = aNewActivity({ event: anEvent({ data: jsonData('earlier') }), wakeAt: NOW });
    const { id } = earlier;

    it('replaces an activity that has not begun by the one that was accepted first', async () => {
      await theStore().record(later);
      await theStore().record(earlier);

      expect(await theStore().recordEarlier(earlier)).toBe('replaced');

      expect(await theStore().get(id)).toEqual({
        ...earlier,
        status: 'queued',
        lockVersion: 2,
        inbox: [],
        conflicts: 1,
      });
      expect(await theStore().record(earlier)).toMatchObject({ kind: 'duplicate' });
      expect(await theStore().record(later)).toEqual({ kind: 'conflict' });
    });

    it.each<[string, Partial<NewActivity>]>([
      ['has none', {}],
      ['has another', { request: aRequest('earlier'), quotaMonth: 202612, requires: ['other'] }],
    ])('replaces what came with the event where the earlier one %s', async (_, own) => {
      const came = { request: aRequest('later'), quotaMonth: 202701, requires: ['start-later'] };
      await theStore().record({ ...later, ...came });

      expect(await theStore().recordEarlier({ ...earlier, ...own })).toBe('replaced');

      const { request, requires } = (await theStore().get(id)) ?? {};
      expect({ request, requires }).toEqual({ request: own.request, requires: own.requires });
    });

    it('makes the first commit of the replaced activity stale', async () => {
      await theStore().record(later);
      await theStore().recordEarlier(earlier);

      expect(await theStore().commit(aCommit({ id }))).toBe('stale');
    });

    it.each([
      ['begun', () => theStore().commit(aCommit({ id, wakeAt: NOW }))],
      ['claimed', () => claim(later.wakeAt)],
      ['cancelled', () => theStore().signal(id, CANCEL)],
    ])('keeps what is %s', async (_, touch) => {
      await theStore().record(later);
      await touch();
      const before = await theStore().get(id);

      expect(await theStore().recordEarlier(earlier)).toBe('kept');

      expect(await theStore().get(id)).toEqual(before);
    });

    it('keeps an activity that was accepted before it, or at the same moment', async () => {
      await theStore().record(later);

      for (const createdAt of [later.createdAt, later.createdAt + 1]) {
        expect(await theStore().recordEarlier({ ...earlier, createdAt })).toBe('kept');
      }

      expect(await theStore().get(id)).toMatchObject({ event: later.event, lockVersion: 1 });
    });

    it('creates no record', async () => {
      expect(await theStore().recordEarlier(earlier)).toBe('kept');
      expect(await theStore().get(id)).toBeUndefined();
    });

    it('lets either it or the commit of the other succeed, never both', async () => {
      await theStore().record(later);

      const outcomes = await Promise.all([
        theStore().recordEarlier(earlier),
        theStore().commit(aCommit({ id, wakeAt: NOW })),
      ]);

      expect([
        ['replaced', 'stale'],
        ['kept', 'committed'],
      ]).toContainEqual(outcomes);
    });

    function aRequest(of: string): NewActivity['request'] {
      return { query: { of }, headers: {} };
    }

    function claim(now: number): Promise<unknown> {
      return theStore().claimDue({ now, limit: 1, leaseMs: 1_000, owner: 'sweeper' });
    }
  });
}
