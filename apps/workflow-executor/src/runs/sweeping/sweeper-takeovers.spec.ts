import { until } from '@app/errors/testing';
import { StoreWriteRefusedError } from '@app/persistence';
import { aState, NOW } from '@app/persistence/testing';
import { LEASE_MS } from '../testing/run-parts.js';
import { SweeperFixture } from '../testing/sweeper-fixture.js';

const OVER = {
  status: 'succeeded',
  attempt: 1,
  startedAt: NOW,
  endedAt: NOW,
  results: {},
} as const;
const RUNNING = { status: 'running', attempt: 1, keyAttempt: 1, startedAt: NOW } as const;

describe('what breaks whoever takes it up', () => {
  let fixture: SweeperFixture;
  let store: SweeperFixture['store'];
  let tasks: SweeperFixture['tasks'];
  let log: SweeperFixture['log'];
  let runs: SweeperFixture['runs'];
  let sweeper: SweeperFixture['sweeper'];
  let id: string;

  beforeEach(async () => {
    fixture = await new SweeperFixture().begin();
    ({ store, tasks, log, runs, sweeper } = fixture);
  });

  afterEach(() => fixture.end());

  function recorded(eventId: string, wakeAt?: number): Promise<string> {
    return fixture.recorded(eventId, wakeAt);
  }

  /** One whose lease ran out so many times in a row, this time just now. */
  async function broken(takeovers: number): Promise<void> {
    id = await recorded('breaks');
    const [claimed] = await store.claimDue({
      now: fixture.now,
      limit: 1,
      leaseMs: 1,
      owner: 'a dead one',
    });
    if (!claimed) throw new Error('it is due');
    const tasks = { start: OVER, call: RUNNING, next: { status: 'pending' } } as const;
    const state = aState({ tasks });
    store.put({
      ...claimed,
      status: 'running',
      state,
      wakeAt: fixture.now,
      takeovers: takeovers - 1,
    });
  }

  it('is continued at once the first time', async () => {
    await broken(1);
    sweeper.start();

    await until(() => tasks.calls.length === 1);
    expect((await store.get(id))?.takeovers).toBe(1);
  });

  it('waits from the second time on', async () => {
    await broken(2);
    sweeper.start();
    await until(async () => (await store.get(id))?.takeovers === 2);

    const { wakeAt = 0, leaseOwner } = (await store.get(id)) ?? {};
    expect(leaseOwner).toBeUndefined();
    expect(wakeAt).toBeGreaterThanOrEqual(fixture.now + LEASE_MS / 60);
    expect(wakeAt).toBeLessThanOrEqual(fixture.now + LEASE_MS / 30);
    fixture.now = wakeAt;
    await until(() => tasks.calls.length === 1);
  });

  it('ends with a failure when that was often enough', async () => {
    await broken(3);
    sweeper.start();
    await until(async () => (await store.get(id))?.status === 'failed');

    const { state, takeovers, wakeAt } = (await store.get(id)) ?? {};
    expect({ takeovers, wakeAt }).toEqual({ takeovers: 3, wakeAt: undefined });
    expect(state?.failure).toMatchObject({ level: 'workflow', code: 'EXECUTION_BROKE_OFF' });
    expect(state?.failure?.message).toContain('3 times in a row');
    expect(state?.failure?.message).toContain('"call"');
    expect(state?.tasks).toMatchObject({
      call: { status: 'failed' },
      next: { status: 'skipped' },
    });
    expect(tasks.calls).toHaveLength(0);
    expect(log.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { fields: { activityId: id, code: 'EXECUTION_BROKE_OFF' } },
    ]);
  });

  it('does not end while this executor drives it', async () => {
    id = await recorded('slow');
    sweeper.start();
    await until(() => tasks.calls.length === 1);
    const found = await store.get(id);
    if (!found) throw new Error('it is on record');
    // Its lease ran out, as it does while MongoDB is gone for longer than that.
    store.put({ ...found, wakeAt: fixture.now, takeovers: 2 });
    await until(async () => (await store.get(id))?.takeovers === 3);
    tasks.succeed('call');

    await until(() => runs.size === 0);
    expect((await store.get(id))?.status).toBe('succeeded');
  });

  it('ends although its results cannot be written', async () => {
    await broken(3);
    const commit = store.commit.bind(store);
    store.commit = (what) =>
      Object.keys(what.state.tasks).length > 0
        ? Promise.reject(new StoreWriteRefusedError('commit activities', 121))
        : commit(what);
    sweeper.start();

    await until(async () => (await store.get(id))?.status === 'failed');
    expect((await store.get(id))?.failure?.code).toBe('EXECUTION_BROKE_OFF');
  });
});
