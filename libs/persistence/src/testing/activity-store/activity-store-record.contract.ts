import { type ActivityStore } from '../../activities/activity-store.js';
import { NOW, aCommit, aNewActivity, anEvent, jsonData, recorded, succeeded } from '../builders.js';

export function describeRecord(theStore: () => ActivityStore): void {
  describe('record', () => {
    it('creates a queued activity with the event', async () => {
      const event = anEvent({
        subject: '/workflow-1/topic',
        time: '2026-01-02T03:04:05.678Z',
        datacontenttype: 'application/json',
        dataschema: 'https://example.com/schema',
        extensions: { traceparent: '00-abc', count: 3, urgent: true },
        data: jsonData({ a: [1, { b: null }] }),
      });
      const activity = aNewActivity({ event });

      expect(await theStore().record(activity)).toEqual({ kind: 'recorded' });
      expect(await theStore().get(activity.id)).toEqual({
        ...activity,
        status: 'queued',
        lockVersion: 1,
        inbox: [],
      });
    });

    it('can be read without its event, beside others that are read whole', async () => {
      const [one, other] = [await recorded(theStore(), '1'), await recorded(theStore(), '2')];
      const { event: _, ...rest } = (await theStore().get(one.id)) ?? {};

      const found = await Promise.all([
        theStore().getWithoutEvent(one.id),
        theStore().get(other.id),
        theStore().getWithoutEvent('nobody'),
      ]);

      expect(found[0]).toEqual(rest);
      expect(found[0]).not.toHaveProperty('event');
      expect(found[1]?.event).toMatchObject({ id: '2' });
      expect(found[2]).toBeUndefined();
    });

    it('creates one activity for 50 concurrent copies of an event', async () => {
      const activity = aNewActivity();

      const outcomes = await Promise.all(
        Array.from({ length: 50 }, () => theStore().record(activity)),
      );

      expect(outcomes.filter(({ kind }) => kind === 'recorded')).toHaveLength(1);
      expect(outcomes.filter(({ kind }) => kind === 'duplicate')).toHaveLength(49);
      expect((await theStore().list({ limit: 10 })).activities).toHaveLength(1);
    });

    it('ignores time, trace and order of members when it compares events', async () => {
      const first = anEvent({ data: jsonData({ a: 1, b: 2 }) });
      await theStore().record(aNewActivity({ event: first }));

      const again = aNewActivity({
        event: anEvent({
          time: '2026-02-02T00:00:00Z',
          extensions: { traceparent: '00-def' },
          data: jsonData({ b: 2, a: 1 }),
        }),
        createdAt: NOW + 1,
      });

      expect(await theStore().record(again)).toEqual({
        kind: 'duplicate',
        first,
        isUntouched: true,
      });
    });

    it.each([
      ['type', anEvent({ type: 'io.example.other.v1' })],
      ['subject', anEvent({ subject: '/other' })],
      ['data', anEvent({ data: jsonData({ other: true }) })],
    ])(
      'counts the same id with another %s as a conflict and changes nothing else',
      async (_, event) => {
        const first = aNewActivity();
        await theStore().record(first);

        const conflicts = await Promise.all([
          theStore().record(aNewActivity({ event })),
          theStore().record(aNewActivity({ event })),
        ]);

        expect(conflicts.map(({ kind }) => kind)).toEqual(['conflict', 'conflict']);
        expect(await theStore().get(first.id)).toEqual({
          ...first,
          status: 'queued',
          lockVersion: 1,
          inbox: [],
          conflicts: 2,
        });
      },
    );

    it('recognizes a duplicate after the end', async () => {
      const activity = aNewActivity();
      await theStore().record(activity);
      await theStore().commit(aCommit({ id: activity.id, state: succeeded() }));

      expect(await theStore().record(activity)).toEqual({
        kind: 'duplicate',
        first: activity.event,
        isUntouched: false,
      });
    });

    it('returns an outcome for each of many events', async () => {
      const known = aNewActivity({ event: anEvent({ id: 'known' }) });
      await theStore().record(known);
      const differing = { ...known, event: anEvent({ id: 'known', type: 'other' }) };
      const fresh = aNewActivity({ event: anEvent({ id: 'fresh' }) });

      const outcomes = await Promise.all(
        [fresh, known, differing].map((activity) => theStore().record(activity)),
      );

      expect(outcomes.map(({ kind }) => kind)).toEqual(['recorded', 'duplicate', 'conflict']);
    });
  });
}
