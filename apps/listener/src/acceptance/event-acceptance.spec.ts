import { until } from '@app/errors/testing';
import { anEvent, jsonData } from '@app/events/testing';
import { DispatchTooLargeError } from '@app/messaging';
import { StoreUnavailableError } from '@app/persistence';
import { aWorkflow, NOW } from '@app/persistence/testing';
import { EventAcceptance } from './event-acceptance.js';
import {
  AcceptanceFixture,
  accepted,
  admitted,
  DispatcherThatWaits,
  noAnswer,
} from './testing/acceptance-fixture.js';

describe(EventAcceptance.name, () => {
  let fixture: AcceptanceFixture;

  beforeEach(() => {
    fixture = new AcceptanceFixture();
  });

  it('records the event, answers with the receipt, and dispatches', async () => {
    const accepting = fixture.acceptance();
    const { receipt, activityId, replayed } = await accepted(accepting);
    await accepting.settle(60_000);

    expect(receipt).toMatchObject({ id: 'C234-1234-1234', activityid: activityId });
    expect(receipt).not.toHaveProperty('data');
    expect(replayed).toBe(false);
    expect(await fixture.store.get(activityId)).toMatchObject({
      status: 'queued',
      event: admitted.event,
    });
    expect(fixture.dispatcher.dispatched).toMatchObject([{ activityId, recorded: true }]);
  });

  it('gives the second sender the receipt of the first, and dispatches once', async () => {
    const accepting = fixture.acceptance();
    const first = await accepting.accept(admitted);
    const later = anEvent({ time: '2026-01-01T00:00:00Z' });
    const second = await accepting.accept({ ...admitted, event: later });
    await accepting.settle(60_000);

    expect({ ...second, dispatched: first.dispatched }).toEqual({ ...first, replayed: true });
    expect(fixture.dispatcher.dispatched).toHaveLength(1);
  });

  it('notifies an executor when an event is repeated that was recorded but not answered', async () => {
    fixture.spoolDispatcher = undefined;
    const record = fixture.store.record.bind(fixture.store);
    fixture.store.record = async (activity) => {
      await record(activity);
      fixture.store.record = record;
      throw new StoreUnavailableError('record activities');
    };
    const accepting = fixture.acceptance();
    await expect(accepting.accept(admitted)).rejects.toThrow();
    expect(fixture.dispatcher.notified).toEqual([]);

    const { activityId, replayed } = await accepted(accepting);

    expect(replayed).toBe(true);
    await until(() => fixture.dispatcher.notified.length > 0);
    expect(fixture.dispatcher.notified).toEqual([activityId]);
  });

  it('notifies no executor when an event is repeated whose run has begun', async () => {
    const accepting = fixture.acceptance();
    const { activityId } = await accepted(accepting);
    const signal = { id: 's', kind: 'cancel', reason: 'a test', at: NOW } as const;
    await fixture.store.signal(activityId, signal);

    await accepted(accepting);

    expect(fixture.retries.size).toBe(0);
  });

  it('records no event that the filter of the trigger does not match, and says why', async () => {
    const filter = { exact: { type: 'wanted' } };
    const workflow = aWorkflow({ triggers: { event: { enabled: true, filter } } });
    const accepting = fixture.acceptance();

    const unwanted = await accepting.accept({ ...admitted, workflow });
    const wanted = await accepting.accept({
      ...admitted,
      workflow,
      event: anEvent({ type: 'wanted' }),
    });

    expect(unwanted).toMatchObject({
      kind: 'filtered',
      receipt: {
        id: 'C234-1234-1234',
        outcome: 'filtered',
        reason: expect.stringContaining('filter.exact.type does not hold ("wanted")') as unknown,
      },
    });
    expect(unwanted.receipt).not.toHaveProperty('activityid');
    expect(wanted.kind).toBe('accepted');
    await accepting.settle(60_000);
    expect(fixture.dispatcher.dispatched).toHaveLength(1);
  });

  it('accepts no event whose filter this release cannot read', async () => {
    const triggers = { event: { enabled: true, filter: { regex: 'x' } } };
    const accepting = fixture
      .acceptance()
      .accept({ ...admitted, workflow: aWorkflow({ triggers }) });

    await expect(accepting).rejects.toMatchObject({ code: 'FILTER_UNREADABLE' });
  });

  it('shortens the id of an event in log lines', async () => {
    const event = anEvent({ id: 'x'.repeat(100_000) });

    await fixture.acceptance().accept({ ...admitted, event });

    expect(JSON.stringify(fixture.log.lines).length).toBeLessThan(1_000);
  });

  it('refuses the same id with other content', async () => {
    const accepting = fixture.acceptance();
    await accepting.accept(admitted);
    const other = anEvent({ data: jsonData({ other: true }) });

    await expect(accepting.accept({ ...admitted, event: other })).rejects.toMatchObject({
      code: 'EVENT_CONFLICT',
    });
  });

  it.each([
    ['there is no spool', () => (fixture.spoolDispatcher = undefined)],
    [
      'the spool is gone, too',
      () => fixture.spoolDispatcher && (fixture.spoolDispatcher.available = false),
    ],
    [
      'the spool fails to store the event',
      () => (fixture.spoolDispatcher = new DispatcherThatWaits(noAnswer)),
    ],
  ])('accepts nothing when MongoDB is gone and %s', async (_when, takeAway) => {
    takeAway();
    fixture.store.outage.begin();

    await expect(fixture.acceptance().accept(admitted)).rejects.toMatchObject({
      code: 'RECORDING_UNAVAILABLE',
      kind: 'transient',
      retryAfterSeconds: 5,
    });
  });

  it.each(['there', 'gone'])(
    'refuses an event that is too large for any record, and says its size, with MongoDB %s',
    async (mongodb) => {
      const event = anEvent({ data: jsonData('x'.repeat(9 * 1024 ** 2)) });
      if (mongodb === 'gone') fixture.store.outage.begin();

      await expect(fixture.acceptance().accept({ ...admitted, event })).rejects.toMatchObject({
        code: 'ACTIVITY_TOO_LARGE',
        kind: 'too-large',
        message: expect.stringMatching(/takes 94\d{5} bytes .* at most \d{7}/) as unknown,
      });
      expect(fixture.spoolDispatcher?.dispatched).toEqual([]);
    },
  );

  it('asks for a retry, and says the sizes, when the event is too large for JetStream alone', async () => {
    const tooLarge = new DispatchTooLargeError('nats', 2_000_000, 1_048_576);
    fixture.spoolDispatcher = new DispatcherThatWaits(() => Promise.reject(tooLarge));
    fixture.store.outage.begin();

    await expect(fixture.acceptance().accept(admitted)).rejects.toMatchObject({
      code: 'RECORDING_UNAVAILABLE',
      kind: 'transient',
      message: expect.stringMatching(/up to 1048576 bytes; .* needs 2000000/) as unknown,
    });
  });

  it('accepts an event whose dispatch fails: the sweeper finds it', async () => {
    fixture.dispatcher.available = false;
    const accepting = fixture.acceptance();
    const { activityId } = await accepted(accepting);
    for (let n = 0; n < 100; n += 1) {
      await accepting.accept({ ...admitted, event: anEvent({ id: `more-${n}` }) });
    }
    await accepting.settle(60_000);

    expect(await fixture.store.get(activityId)).toMatchObject({ wakeAt: NOW + 30_000 });
    expect(fixture.log.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { fields: { activityId, reason: expect.stringContaining('made to fail') as unknown } },
    ]);
  });

  it('logs no payload', async () => {
    await fixture.acceptance().accept(admitted);

    expect(JSON.stringify(fixture.log.lines)).not.toContain('request_success');
  });
});
