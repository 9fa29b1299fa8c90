import { contentOf } from '../correlated-events/correlated-event.js';
import { type CorrelatedEventStore } from '../correlated-events/correlated-event-store.js';
import { waitKeyOf } from '../correlated-events/wait-key.js';
import { aCorrelatedEvent, NOW } from './builders.js';

const LATER = NOW + 60_000;
const PAID = waitKeyOf('paid', 'order-1');

/** What every `CorrelatedEventStore` does; `theStore` gives an empty one. */
export function describeCorrelatedEventStore(
  name: string,
  theStore: () => CorrelatedEventStore,
): void {
  const add = (event = aCorrelatedEvent()) => theStore().add(event, LATER);
  const pending = async (limit = 10) =>
    (await theStore().pending('workflow-1', PAID, limit)).map(({ id }) => id);

  describe(name, () => {
    it('keeps an event to the letter, once', async () => {
      const event = aCorrelatedEvent({
        topic: '$paid',
        payload: ['$a', { 'b.c': 1 }],
        attributes: { type: '$paid', size: 7, vip: true },
      });
      expect(await add(event)).toBe('added');

      const stored = { ...event, status: 'kept', activities: [], content: contentOf(event) };
      expect(await add(aCorrelatedEvent({ payload: 'other' }))).toEqual(stored);
      expect(await theStore().get(event.id)).toEqual(stored);
      expect(await theStore().get('unknown')).toBeUndefined();
    });

    it('adds one of many concurrent copies', async () => {
      const added = await Promise.all(Array.from({ length: 10 }, () => add()));

      expect(added.filter((one) => one === 'added')).toHaveLength(1);
    });

    it('returns the events for a wait in order, until they are done', async () => {
      await add(aCorrelatedEvent({ id: 'late', at: NOW + 5 }));
      await add(aCorrelatedEvent({ id: 'early' }));
      await add(aCorrelatedEvent({ id: 'other', correlationKey: 'order-2' }));
      await add(aCorrelatedEvent({ id: 'foreign', workflowId: 'workflow-2' }));
      expect(await pending()).toEqual(['early', 'late']);
      expect(await pending(1)).toEqual(['early']);

      await theStore().claim('early', ['a']);
      expect(await pending()).toEqual(['early', 'late']);
      await theStore().finish('early', ['a'], LATER);
      expect(await pending()).toEqual(['late']);
    });

    it('lets one caller claim it', async () => {
      await add();
      const claims = await Promise.all(
        Array.from({ length: 10 }, (_, at) => theStore().claim('event-1', [`a-${at}`])),
      );

      expect(claims.filter(Boolean)).toHaveLength(1);
      const winner = `a-${claims.indexOf(true)}`;
      expect(await theStore().get('event-1')).toMatchObject({
        status: 'given',
        activities: [winner],
      });
    });

    it('releases a claim, unless another caller has resumed it', async () => {
      await add();
      expect(await theStore().resume('event-1')).toBeUndefined();
      expect(await theStore().release('event-1')).toBe(false);
      await theStore().claim('event-1', ['a']);
      expect(await theStore().release('event-1')).toBe(true);
      expect(await theStore().get('event-1')).toMatchObject({ status: 'kept', activities: [] });

      await theStore().claim('event-1', ['b']);
      const first = await theStore().resume('event-1');
      expect(first?.activities).toEqual(['b']);
      expect(await theStore().release('event-1')).toBe(false);
      await theStore().finish('event-1', ['b'], LATER);
      expect(await theStore().release('event-1')).toBe(false);
      expect(await theStore().resume('event-1')).toBeUndefined();
    });

    it('lets only the last caller that resumed it release it', async () => {
      await add();
      await theStore().claim('event-1', ['a']);
      const first = await theStore().resume('event-1');
      const last = await theStore().resume('event-1');

      expect(await theStore().release('event-1', first?.token)).toBe(false);
      expect(await theStore().release('event-1', last?.token)).toBe(true);
      expect(await theStore().get('event-1')).toMatchObject({ status: 'kept', activities: [] });
      await theStore().claim('event-1', ['b']);
      expect(await theStore().release('event-1', last?.token)).toBe(false);
      expect(await theStore().release('event-1')).toBe(true);
    });

    it('keeps a done event without its payload, or forgets it', async () => {
      for (const id of ['named', 'nameless']) {
        await add(aCorrelatedEvent({ id, attributes: { type: 'paid' } }));
        await theStore().finish(id, ['a'], LATER);
        expect(await theStore().get(id)).toMatchObject({ status: 'kept' });
        await theStore().claim(id, ['a', 'b']);
      }
      await theStore().finish('named', ['a'], LATER);
      await theStore().finish('nameless', ['a'], undefined);

      const done = await theStore().get('named');
      expect(done).toMatchObject({
        status: 'done',
        activities: ['a'],
        content: contentOf(aCorrelatedEvent()),
      });
      expect(done).not.toHaveProperty('payload');
      expect(done).not.toHaveProperty('attributes');
      expect(await theStore().get('nameless')).toBeUndefined();
    });

    it('withdraws kept events only', async () => {
      await add();
      expect(await theStore().withdraw('event-1')).toBe(true);
      expect(await theStore().withdraw('event-1')).toBe(false);
      await add();
      await theStore().claim('event-1', ['a']);
      expect(await theStore().withdraw('event-1')).toBe(false);
    });

    it('counts the events of a workflow up to a bound', async () => {
      for (const id of ['a', 'b', 'c'])
        await add(
          aCorrelatedEvent({ id, payload: 'x'.repeat(500), attributes: { type: 'x'.repeat(500) } }),
        );
      await add(aCorrelatedEvent({ id: 'd', workflowId: 'workflow-2' }));
      await theStore().claim('a', ['x']);

      const { count, bytes } = await theStore().held('workflow-1', 10);
      expect(count).toBe(3);
      expect(bytes).toBeGreaterThan(3_000);
      expect(bytes).toBeLessThan(6_000);
      expect((await theStore().held('workflow-1', 2)).count).toBe(2);
      await theStore().finish('a', ['x'], LATER);
      expect((await theStore().held('workflow-1', 10)).count).toBe(2);
      expect(await theStore().held('workflow-3', 10)).toEqual({ count: 0, bytes: 0 });
    });
  });
}
