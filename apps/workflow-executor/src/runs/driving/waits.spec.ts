import { until } from '@app/errors/testing';
import { FlowMetrics } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import { aNewActivity, anEvent, NOW } from '@app/persistence/testing';
import { type Signal } from '@app/workflow-engine';
import { anHttpTask, aPlan, aTask } from '@app/workflow-engine/testing';
import { activitySummary } from '../../api/activities/activity-view.js';
import { ActiveRuns } from './active-runs.js';
import { Semaphore } from './semaphore.js';
import { LOOK_AGAIN_MS } from './run-phase.js';
import { DriverFixture } from '../testing/driver-fixture.js';
import { runParts } from '../testing/run-parts.js';

const WAITING = aPlan([
  aTask('wait', 'topic', ['start'], { topic: 'paid' }),
  aTask('again', 'topic', ['wait'], { topic: 'paid' }),
]);

const BOTH = aPlan(
  [anHttpTask('call'), aTask('wait', 'topic', ['start'], { topic: 'paid' })],
  ['call', 'wait'],
);

function paid(id: string): Signal {
  return { id, at: NOW, kind: 'event', topic: 'paid', payload: id };
}

/** Of an attempt that nobody waits for any more. Its kind is not remembered by id, so it comes to the inbox again. */
const LATE: Signal = {
  id: 'late',
  at: NOW,
  kind: 'worker-result',
  task: 'wait',
  attempt: 1,
  queue: 'q',
  outcome: { kind: 'succeeded', results: {} },
};

describe('a run that only a signal moves on', () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await DriverFixture.make();
  });

  it('wakes once a day, has no lease, and says what it waits for', async () => {
    expect(await fixture.driver({ plan: WAITING }).begin()).toBe('waiting');

    const record = await fixture.onRecord();
    expect(record).toMatchObject({ status: 'waiting', wakeAt: NOW + LOOK_AGAIN_MS });
    expect(record.leaseOwner).toBeUndefined();
    expect(activitySummary(record).waitingFor).toMatchObject([
      { task: 'wait', kind: 'event', what: 'an event of the topic "paid"' },
    ]);
  });

  it('goes on with the signals on record, and ends', async () => {
    await fixture.driver({ plan: WAITING }).begin();
    await fixture.store.signal(fixture.origin.id, paid('a'));
    await fixture.store.signal(fixture.origin.id, paid('b'));
    const found = await fixture.onRecord();

    expect(await fixture.driver({ plan: WAITING, found }).begin()).toBe('final');
    const { state, inbox } = await fixture.onRecord();
    expect(state?.tasks).toMatchObject({
      wait: { results: { payload: 'a' } },
      again: { results: { payload: 'b' } },
    });
    expect(inbox).toEqual([]);
  });

  it('takes a signal without an effect out of the inbox, while a call goes on', async () => {
    const driving = fixture.driver({ plan: BOTH });
    await fixture.store.signal(fixture.origin.id, paid('a'));
    await driving.begin();
    expect(await fixture.store.signal(fixture.origin.id, LATE)).toBe('appended');
    const second = fixture.driver({ plan: BOTH, found: await fixture.onRecord() });
    await second.begin();

    const record = await fixture.onRecord();
    expect(record.inbox).toEqual([]);
    expect(record.state?.taken).toEqual(['a']);
  });

  it('removes it from the inbox even if nothing else is written', async () => {
    const driving = fixture.driver({ plan: BOTH });
    await fixture.store.signal(fixture.origin.id, paid('a'));
    await driving.begin();
    const { state } = await fixture.onRecord();
    const finished = driving.finish();
    expect(await fixture.store.signal(fixture.origin.id, LATE)).toBe('appended');
    expect((await fixture.onRecord()).inbox).toHaveLength(1);
    driving.notify();

    await until(async () => (await fixture.onRecord()).inbox.length === 0);
    expect((await fixture.onRecord()).state).toEqual(state);
    driving.stop();
    expect(await finished).toBe('stopped');
  });

  it('takes no permit: many wait, and the next one runs', async () => {
    const { store, tasks } = fixture;
    const parts = runParts(store, tasks);
    const runs = new ActiveRuns(new Semaphore(1), parts, new FlowMetrics(), new MemoryLog());
    for (let at = 0; at < 20; at += 1) {
      const origin = aNewActivity({ event: anEvent({ id: `event-${at}` }) });
      await store.record(origin);
      const trace = { traceId: 'a'.repeat(32), parentId: 'b'.repeat(16), sampled: true };
      const scope = { event: { params: {} }, context: {} };
      await runs.start({ activityId: origin.id, plan: WAITING, scope, trace, origin });
    }

    expect({ free: runs.free, size: runs.size }).toEqual({ free: 1, size: 0 });
  });
});
