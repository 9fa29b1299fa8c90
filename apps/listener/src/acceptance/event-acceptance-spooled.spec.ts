import { anEvent, jsonData } from '@app/events/testing';
import {
  AcceptanceFixture,
  accepted,
  admitted,
  DispatcherThatWaits,
  noAnswer,
} from './testing/acceptance-fixture.js';

describe('EventAcceptance while MongoDB is gone', () => {
  let fixture: AcceptanceFixture;

  beforeEach(() => {
    fixture = new AcceptanceFixture();
  });

  it('spools the event, and marks the dispatch as its only copy', async () => {
    fixture.store.outage.begin();
    const { activityId } = await accepted(fixture.acceptance());

    expect(fixture.spoolDispatcher?.dispatched).toMatchObject([{ activityId, recorded: false }]);
    expect(fixture.dispatcher.dispatched).toHaveLength(0);
  });

  describe('with spooled events', () => {
    const other = { ...admitted, event: anEvent({ data: jsonData({ other: true }) }) };
    const again = { ...admitted, event: anEvent({ time: '2026-01-01T00:00:00Z' }) };
    const CONFLICT = { code: 'EVENT_CONFLICT' };

    it('tells the same content under an id from other content', async () => {
      fixture.store.outage.begin();
      const accepting = fixture.acceptance();
      const first = await accepting.accept(admitted);

      await expect(accepting.accept(other)).rejects.toMatchObject(CONFLICT);
      expect(await accepting.accept(again)).toEqual({ ...first, replayed: true });
      expect(fixture.spoolDispatcher?.dispatched).toHaveLength(1);
    });

    it('refuses other content when MongoDB is back before the spooled event is recorded', async () => {
      fixture.store.outage.begin();
      const accepting = fixture.acceptance();
      const { activityId } = await accepted(accepting);
      fixture.store.outage.end();

      await expect(accepting.accept(other)).rejects.toMatchObject(CONFLICT);
      expect(await fixture.store.get(activityId)).toBeUndefined();
      await accepting.accept(again);
      expect(await fixture.store.get(activityId)).toMatchObject({ event: again.event });
      await expect(accepting.accept(other)).rejects.toMatchObject(CONFLICT);
    });

    it('prefers the record in MongoDB to its own memory', async () => {
      const accepting = fixture.acceptance();
      await accepting.accept(other);
      fixture.store.outage.begin();
      await accepting.accept(admitted);
      fixture.store.outage.end();

      expect(await accepting.accept(other)).toMatchObject({ replayed: true });
    });

    it.each([
      ['is kept', ['fulfilled', 'rejected']],
      ['is not kept', ['rejected', 'fulfilled']],
    ])('holds other content back until it is known that the first %s', async (what, expected) => {
      let answer: (isKept: boolean) => void = () => undefined;
      const answered = new Promise<boolean>((resolve) => (answer = resolve));
      let attempts = 0;
      fixture.spoolDispatcher = new DispatcherThatWaits(async () => {
        attempts += 1;
        if (attempts === 1 && !(await answered)) await noAnswer();
      });
      fixture.store.outage.begin();
      const accepting = fixture.acceptance();

      const outcomes = Promise.allSettled([accepting.accept(admitted), accepting.accept(other)]);
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(attempts).toBe(1);
      answer(what === 'is kept');

      expect((await outcomes).map(({ status }) => status)).toEqual(expected);
    });
  });

  it('does not accept an event before the spool has acknowledged it', async () => {
    let take = (): void => undefined;
    const taken = new Promise<void>((resolve) => (take = resolve));
    fixture.spoolDispatcher = new DispatcherThatWaits(() => taken);
    fixture.store.outage.begin();
    let accepted = false;
    const accepting = fixture
      .acceptance()
      .accept(admitted)
      .then(() => (accepted = true));

    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(accepted).toBe(false);
    take();
    await accepting;
    expect(fixture.spoolDispatcher.dispatched).toHaveLength(1);
  });
});
