import { type OutboxEntry } from '@app/workflow-engine';
import { type UndeliveredEntry } from '../../activities/activity.js';
import { type ActivityStore } from '../../activities/activity-store.js';
import { aCommit, NOW, recorded, succeeded } from '../builders.js';

const CLAIM = { now: NOW + 60_000, limit: 10, leaseMs: 1_000, owner: 'sweeper' };

function anEntry(id: string, entry: Partial<OutboxEntry> = {}): OutboxEntry {
  const payload = { $ref: 'x', 'a.b': [id], big: 12345678901234 };
  return { id, kind: 'status', key: 'k', payload, createdAt: NOW, ...entry };
}

function refused(id: string): UndeliveredEntry {
  return { id, kind: 'status', key: 'k', code: 'GONE', message: 'nobody there', at: NOW + 1 };
}

/** A commit stores outbox entries together with the state, and removes them once they are delivered. */
export function describeOutbox(theStore: () => ActivityStore): void {
  describe('the outbox of an activity', () => {
    it('appends entries, and removes the named ones', async () => {
      const { id } = await recorded(theStore());
      const posted = [anEntry('1'), anEntry('2', { payload: null })];
      await theStore().commit(aCommit({ id, wakeAt: NOW, outbox: { posted } }));
      expect((await theStore().get(id))?.outbox).toEqual(posted);

      const outbox = { posted: [anEntry('3')], gone: ['1', 'nobody'] };
      await theStore().commit(aCommit({ id, lockVersion: 2, wakeAt: NOW, outbox }));
      expect((await theStore().get(id))?.outbox).toEqual([posted[1], anEntry('3')]);

      await theStore().commit(aCommit({ id, lockVersion: 3, wakeAt: NOW }));
      expect((await theStore().get(id))?.outbox).toHaveLength(2);

      const gone = ['2', '3'];
      await theStore().commit(aCommit({ id, lockVersion: 4, wakeAt: NOW, outbox: { gone } }));
      expect(await theStore().get(id)).not.toHaveProperty('outbox');
    });

    it('is unchanged by a stale commit', async () => {
      const { id } = await recorded(theStore());
      await theStore().commit(aCommit({ id, outbox: { posted: [anEntry('1')] } }));

      const outbox = { posted: [anEntry('2')], gone: ['1'] };
      expect(await theStore().commit(aCommit({ id, outbox }))).toBe('stale');
      expect((await theStore().get(id))?.outbox).toEqual([anEntry('1')]);
    });

    it('releases delivered runs in one call, except those that were written meanwhile', async () => {
      const lease = { wakeAt: NOW + 1_000, leaseOwner: 'me', leaseMs: 1_000 };
      const posted = [anEntry('1'), anEntry('2')];
      const queued = async (eventId: string): Promise<string> => {
        const { id } = await recorded(theStore(), eventId);
        await theStore().commit(aCommit({ id, ...lease, outbox: { posted } }));
        return id;
      };
      const [left, answered] = [await queued('left'), await queued('answered')];
      const letting = { lockVersion: 2, wakeAt: NOW + 5_000 };
      const whole = { id: left, delivered: ['1', '2'], ...letting };

      expect(await theStore().releaseDelivered([{ ...whole, delivered: ['2', 'nobody'] }])).toBe(
        'all',
      );
      const found = await theStore().get(left);
      expect(found).toMatchObject({ lockVersion: 3, wakeAt: NOW + 5_000, outbox: [posted[0]] });
      expect(found).not.toHaveProperty('leaseOwner');

      await theStore().commit(aCommit({ id: answered, lockVersion: 2, ...lease }));
      const both = [
        { ...whole, id: answered },
        { ...whole, lockVersion: 3 },
      ];
      expect(await theStore().releaseDelivered(both)).toBe('some');
      expect(await theStore().get(left)).not.toHaveProperty('outbox');
      const other = await theStore().get(answered);
      expect(other).toMatchObject({ lockVersion: 3, leaseOwner: 'me', outbox: posted });
    });

    it('keeps the first refused entries', async () => {
      const { id } = await recorded(theStore());
      const first = Array.from({ length: 15 }, (_, at) => refused(`${at}`));
      const then = Array.from({ length: 15 }, (_, at) => refused(`${at + 15}`));

      await theStore().commit(aCommit({ id, outbox: { undelivered: first } }));
      await theStore().commit(aCommit({ id, lockVersion: 2, outbox: { undelivered: then } }));

      const { undelivered } = (await theStore().get(id)) ?? {};
      expect(undelivered).toEqual([...first, ...then.slice(0, 5)]);
    });

    it('keeps an ended activity due until it is empty', async () => {
      const { id } = await recorded(theStore());
      const ended = { state: succeeded(), wakeAt: NOW + 1 };
      await theStore().commit(aCommit({ id, ...ended, outbox: { posted: [anEntry('1')] } }));

      expect(await theStore().dueSince(NOW + 60_000)).toBe(NOW + 1);
      const [claimed, ...others] = await theStore().claimDue(CLAIM);
      expect(others).toEqual([]);
      expect(claimed).toMatchObject({ id, status: 'succeeded', leaseOwner: 'sweeper' });
      expect(claimed?.outbox).toEqual([anEntry('1')]);

      const rest = { state: succeeded(), outbox: { gone: ['1'] } };
      await theStore().commit(aCommit({ id, lockVersion: 3, ...rest }));
      expect(await theStore().get(id)).not.toHaveProperty('wakeAt');
      expect(await theStore().claimDue({ ...CLAIM, now: NOW * 2 })).toEqual([]);
    });

    it('lets an executor find its own leases again, also after the end', async () => {
      const { id } = await recorded(theStore());
      const leased = { state: succeeded(), wakeAt: NOW + 90_000, leaseOwner: 'sweeper' };
      await theStore().commit(aCommit({ id, ...leased, outbox: { posted: [anEntry('1')] } }));

      const early = { kind: 'own-leases', exceptIds: [] } as const;
      const claimed = await theStore().claimDue({ ...CLAIM, leaseMs: 30_000, early });
      expect(claimed.map((one) => one.id)).toEqual([id]);
    });

    it('is left to builds that can deliver it, once the run has ended', async () => {
      const { id } = await recorded(theStore());
      const requires = ['delivery:lock'];
      const ended = { state: succeeded(), wakeAt: NOW, requires };
      await theStore().commit(aCommit({ id, ...ended, outbox: { posted: [anEntry('1')] } }));

      expect(await theStore().claimDue({ ...CLAIM, features: ['delivery:status'] })).toEqual([]);
      expect(await theStore().countUnsupported(['delivery:status'], 10)).toBe(1);
      expect(await theStore().countUnsupported(['delivery:lock'], 10)).toBe(0);
      const features = ['task:sleep', 'delivery:lock'];
      expect(await theStore().claimDue({ ...CLAIM, features })).toHaveLength(1);

      const rest = { state: succeeded(), wakeAt: NOW, requires: [] };
      await theStore().commit(aCommit({ id, lockVersion: 3, ...rest }));
      expect(await theStore().claimDue({ ...CLAIM, now: CLAIM.now + 1 })).toHaveLength(1);
    });

    it('is listed without payloads', async () => {
      const { id } = await recorded(theStore());
      await theStore().commit(aCommit({ id, outbox: { posted: [anEntry('1')] } }));

      const { activities } = await theStore().list({ limit: 10 });
      expect(activities[0]?.outbox).toEqual([anEntry('1', { payload: null })]);
    });
  });
}
