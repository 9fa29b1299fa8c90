import { until } from '@app/errors/testing';
import { jest } from '@jest/globals';
import { anEvent, aNewActivity } from '@app/persistence/testing';
import { aDefinition, aTask } from '@app/workflow-engine/testing';
import { LEASE_MS } from './testing/run-parts.js';
import { SweeperFixture } from './testing/sweeper-fixture.js';

/*
 * What runs cost, in writes, looks and things that are held: numbers that no other load of the machine changes.
 */

const SLEEP = aTask('sleep', 'timer', ['start'], { ms: 5_000 });
const WAITS = [SLEEP, aTask('wait', 'topic', ['start'], { topic: 'paid' })];

describe('what runs cost', () => {
  let fixture: SweeperFixture;

  afterEach(() => fixture.end());

  async function began(definition: ReturnType<typeof aDefinition>, permits: number): Promise<void> {
    fixture = await new SweeperFixture(undefined, permits).begin(definition);
  }

  async function start(count: number, name = 'event'): Promise<readonly string[]> {
    const origins = Array.from({ length: count }, (_, at) =>
      aNewActivity({ event: anEvent({ id: `${name} ${at}` }) }),
    );
    await Promise.all(
      origins.map(async (origin) => {
        await fixture.store.record(origin);
        await fixture.starter.startNew(origin);
      }),
    );
    return origins.map(({ id }) => id);
  }

  it.each([1, 50])('%d tasks that never wait are one insert and one update', async (tasks) => {
    const names = Array.from({ length: tasks }, (_, at) => `t${at}`);
    const upstream = (at: number): string => (at === 0 ? 'start' : `t${at - 1}`);
    const inner = names.map((name, at) =>
      aTask(name, 'set-property', [upstream(at)], { output: name, value: at }),
    );
    await began(aDefinition(inner, [`t${tasks - 1}`]), 1);
    const inserts = jest.spyOn(fixture.store, 'record');
    const updates = jest.spyOn(fixture.store, 'commit');
    const reads = jest.spyOn(fixture.store, 'get');

    const [id = ''] = await start(1);

    expect((await fixture.store.get(id))?.status).toBe('succeeded');
    expect([inserts, updates].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    expect(reads).toHaveBeenCalledTimes(1);
  });

  it('1,000 runs that wait hold nothing of an executor', async () => {
    await began(aDefinition(WAITS, ['sleep', 'wait']), 7);
    const timers = timersNow();

    await start(1_000);

    const { runs, semaphore } = fixture;
    const inHand = { runs: runs.size, permits: semaphore.free };
    expect(inHand).toEqual({ runs: 0, permits: 7 });
    expect(timersNow()).toBeLessThan(timers + 10);
  });

  it('400 sleepers that are due at once wake in batches, with one write each', async () => {
    await began(aDefinition([SLEEP], ['sleep']), 50);
    const ids = await start(400);
    const claims = jest.spyOn(fixture.store, 'claimDue');
    const updates = jest.spyOn(fixture.store, 'commit');
    const reads = jest.spyOn(fixture.store, 'get');

    fixture.now += LEASE_MS;
    fixture.sweeper.start();
    await until(async () => updates.mock.calls.length >= 400);
    await fixture.sweeper.stop();

    const found = await Promise.all(claims.mock.results.map(({ value }) => value));
    const looks = found.filter((claimed) => (claimed as readonly unknown[]).length > 0);
    // Eight of 50; while it is behind it looks at other parts, and one may find a few only.
    expect(looks.length).toBeLessThanOrEqual(20);
    expect(updates).toHaveBeenCalledTimes(400);
    expect(reads).not.toHaveBeenCalled();
    const states = await Promise.all(ids.map((id) => fixture.store.get(id)));
    // Its record, the commit of the wait, and the last one.
    expect(states.map((one) => [one?.status, one?.lockVersion])).toEqual(
      ids.map(() => ['succeeded', 3]),
    );
  });

  it('an event that comes while many sleepers wake waits for those in flight, and for no others', async () => {
    await began(aDefinition([SLEEP], ['sleep']), 10);
    await start(400);
    const commit = fixture.store.commit.bind(fixture.store);
    let woken = 0;
    let wokenBefore: Promise<number> | undefined;
    jest.spyOn(fixture.store, 'commit').mockImplementation(async (what) => {
      woken += what.before === undefined ? 0 : 1;
      wokenBefore ??= start(1, 'new').then(() => woken);
      return commit(what);
    });

    fixture.now += 5_000;
    fixture.sweeper.start();
    await until(async () => wokenBefore !== undefined);

    expect(await wokenBefore).toBeLessThanOrEqual(20);
  });
});

/** Of this process. */
function timersNow(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}
