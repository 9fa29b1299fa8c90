import { type Signal, START_LATER } from '@app/workflow-engine';
import { type ActivityStore } from '../../activities/activity-store.js';
import { aNewActivity, anEvent, NOW, recorded } from '../builders.js';

const HOUR_MS = 3_600_000;
const CLAIM = { limit: 10, leaseMs: 1_000, owner: 'sweeper', features: [START_LATER] };
const PAID: Signal = { id: 'paid', at: NOW + 1, kind: 'event', topic: 'paid' };
const CANCEL: Signal = { id: 'cancel', at: NOW + 2, kind: 'cancel', reason: 'enough' };

/** Runs that begin at a later time. */
export function describeLater(theStore: () => ActivityStore): void {
  async function later(notBefore: number): Promise<string> {
    const event = anEvent({ id: `later-${notBefore}` });
    const activity = { event, notBefore, wakeAt: notBefore, requires: [START_LATER] };
    const { id } = aNewActivity(activity);
    await theStore().record(aNewActivity(activity));
    return id;
  }

  async function claimedAt(now: number, more: object = {}): Promise<readonly string[]> {
    const claimed = await theStore().claimDue({ ...CLAIM, now, ...more });
    return claimed.map(({ id }) => id);
  }

  describe('an activity that begins later', () => {
    it('is queued, has its time, and is due at that time', async () => {
      const id = await later(NOW + HOUR_MS);

      expect(await theStore().get(id)).toMatchObject({
        status: 'queued',
        notBefore: NOW + HOUR_MS,
        wakeAt: NOW + HOUR_MS,
      });
      const { activities } = await theStore().list({ status: 'queued', limit: 10 });
      expect(activities).toMatchObject([{ id, notBefore: NOW + HOUR_MS }]);
      expect(await claimedAt(NOW + HOUR_MS - 1)).toEqual([]);
      expect(await claimedAt(NOW + HOUR_MS)).toEqual([id]);
    });

    it('is not claimed early as an undispatched one', async () => {
      await later(NOW + 1_000);
      const { id } = await recorded(theStore(), 'untold', NOW + 1_000);

      const early = { kind: 'untouched', withinMs: 10_000 };
      expect(await claimedAt(NOW, { early })).toEqual([id]);
    });

    it('is left to builds that support it', async () => {
      await later(NOW);

      expect(await claimedAt(NOW + 1, { features: [] })).toEqual([]);
    });

    it('takes a signal at its time, and a cancel at once', async () => {
      const id = await later(NOW + HOUR_MS);

      expect(await theStore().signal(id, PAID)).toBe('appended');
      expect(await theStore().get(id)).toMatchObject({ wakeAt: NOW + HOUR_MS });
      expect(await theStore().signal(id, CANCEL)).toBe('appended');
      expect(await theStore().get(id)).toMatchObject({ wakeAt: CANCEL.at });
    });

    it('takes a cancel at once, whatever comes after it', async () => {
      const id = await later(NOW + HOUR_MS);

      await theStore().signal(id, CANCEL);
      expect(await theStore().signal(id, PAID)).toBe('appended');
      expect(await theStore().get(id)).toMatchObject({ wakeAt: CANCEL.at, inbox: [CANCEL, PAID] });
    });

    it('takes a signal at once when its time is over', async () => {
      const id = await later(NOW - HOUR_MS);

      await theStore().signal(id, PAID);

      expect(await theStore().get(id)).toMatchObject({ wakeAt: PAID.at });
    });

    it('counts as backlog when it is due', async () => {
      await later(NOW + HOUR_MS);
      await recorded(theStore(), 'plain');
      const query = { countMax: 10, statuses: ['queued'] } as const;

      expect(await theStore().backlog({ ...query, now: NOW })).toEqual({ queued: 1 });
      expect(await theStore().backlog({ ...query, now: NOW + HOUR_MS })).toEqual({ queued: 2 });
    });
  });
}
