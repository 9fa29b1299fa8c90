import {
  anEvent,
  aNewActivity,
  jsonData,
  MemoryActivityStore,
  NOW,
} from '@app/persistence/testing';
import { DriverFixture, PURE } from '../testing/driver-fixture.js';

describe('what ActivityDriver has on record', () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await DriverFixture.make();
  });

  it('keeps a result while MongoDB is gone and records it when it is back', async () => {
    const driving = fixture.driver();
    await driving.begin();
    fixture.store.outage.begin();
    fixture.tasks.succeed('call');
    const finished = driving.finish();
    await new Promise((resolve) => setTimeout(resolve, 10));
    fixture.store.outage.end();

    expect(await finished).toBe('final');
    expect(fixture.tasks.calls).toHaveLength(1);
  });

  it('makes no call while the claim cannot be recorded', async () => {
    fixture.store.outage.begin();

    await expect(fixture.driver().begin()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(fixture.tasks.calls).toHaveLength(0);
  });

  it('creates the record when the message was the only copy', async () => {
    fixture.store = new MemoryActivityStore();

    expect(await fixture.driver({ plan: PURE }).begin()).toBe('final');
    expect(await fixture.onRecord()).toMatchObject({
      status: 'succeeded',
      event: fixture.origin.event,
    });
  });

  it('does not change the record of another event with the same id', async () => {
    const other = aNewActivity({ event: anEvent({ data: jsonData('other') }) });
    fixture.store = new MemoryActivityStore();
    const get = fixture.store.get.bind(fixture.store);
    fixture.store.get = async () => {
      fixture.store.get = get;
      await fixture.store.record(other);
      return undefined;
    };

    expect(await fixture.driver().begin()).toBe('left');
    expect(await fixture.onRecord()).toMatchObject({
      status: 'queued',
      lockVersion: 1,
      event: other.event,
    });
    expect(fixture.tasks.calls).toHaveLength(0);
  });

  it('leaves when an event that was accepted first took the place of its own', async () => {
    const later = { ...fixture.origin, createdAt: NOW + 1 };
    const earlier = { ...fixture.origin, event: anEvent({ data: jsonData('earlier') }) };
    fixture.store = new MemoryActivityStore();
    await fixture.store.record(later);
    const displaced = fixture.driver({ origin: later });
    await fixture.store.recordEarlier(earlier);

    expect(await displaced.begin()).toBe('left');
    expect(await fixture.onRecord()).toMatchObject({ status: 'queued', event: earlier.event });
    expect(fixture.tasks.calls).toHaveLength(0);
  });

  it('ends an activity whose results no longer fit on record', async () => {
    const driving = fixture.driver();
    await driving.begin();
    fixture.tasks.succeed('call', { body: '€'.repeat(3_500_000) });

    expect(await driving.finish()).toBe('final');
    const { status, state } = await fixture.onRecord();
    expect(status).toBe('failed');
    expect(state?.failure?.code).toBe('ACTIVITY_TOO_LARGE');
  });
});
