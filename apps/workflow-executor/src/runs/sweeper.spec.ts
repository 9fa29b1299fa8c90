import { jest } from '@jest/globals';
import { FlowMetrics } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import {
  StoreOverloadedError,
  StoreUnavailableError,
  StoreWriteRefusedError,
  WorkflowCache,
} from '@app/persistence';
import {
  anEvent,
  aNewActivity,
  aRevision,
  aState,
  aWorkflow,
  MemoryActivityStore,
  MemoryWorkflowStore,
  NOW,
} from '@app/persistence/testing';
import { aDefinition, anHttpTask, TEST_TASKS } from '@app/workflow-engine/testing';
import { HandDrivenTasks } from '../tasks/testing/hand-driven-tasks.js';
import { ActiveRuns } from './active-runs.js';
import { Plans } from './plans.js';
import { RunBreaker } from './run-breaker.js';
import { RunStarter } from './run-starter.js';
import { Semaphore } from './semaphore.js';
import { Sweeper } from './sweeper.js';

const LEASE_MS = 30_000;
const PERMITS = 3;
const OVER = {
  status: 'succeeded',
  attempt: 1,
  startedAt: NOW,
  endedAt: NOW,
  results: {},
} as const;
const RUNNING = { status: 'running', attempt: 1, keyAttempt: 1, startedAt: NOW } as const;

describe(Sweeper.name, () => {
  let store: MemoryActivityStore;
  let workflows: MemoryWorkflowStore;
  let tasks: HandDrivenTasks;
  let log: MemoryLog;
  let semaphore: Semaphore;
  let runs: ActiveRuns;
  let sweeper: Sweeper;
  let starter: RunStarter;
  let now: number;

  beforeEach(async () => {
    store = new MemoryActivityStore();
    workflows = new MemoryWorkflowStore();
    tasks = new HandDrivenTasks();
    log = new MemoryLog();
    now = NOW;
    const clock = (): number => now;
    const metrics = new FlowMetrics();
    const settings = { leaseMs: LEASE_MS, storeRetryMs: 1 };
    const parts = { store, handlers: { http: tasks }, clock, settings };
    semaphore = new Semaphore(PERMITS);
    runs = new ActiveRuns(semaphore, parts, metrics, log);
    const plans = new Plans(new WorkflowCache(workflows), 10, TEST_TASKS);
    const breaker = new RunBreaker(store, clock, metrics, log);
    starter = new RunStarter(plans, runs, store, clock, breaker);
    const sweeping = { intervalMs: 1, claimsMax: 100, leaseMs: LEASE_MS, takeoversMax: 2 };
    sweeper = new Sweeper(store, runs, starter, breaker, sweeping, clock, metrics, log);
    const definition = aDefinition([anHttpTask('call')]);
    await workflows.create(aWorkflow(), aRevision({ definition }));
  });

  afterEach(async () => {
    await sweeper.stop();
    await runs.stop(0);
  });

  async function recorded(eventId: string, wakeAt = NOW): Promise<string> {
    const activity = aNewActivity({ event: anEvent({ id: eventId }), wakeAt });
    await store.record(activity);
    return activity.id;
  }

  it('runs what nobody told of', async () => {
    const id = await recorded('1');
    sweeper.start();

    await until(() => tasks.calls.length === 1);
    tasks.succeed('call');
    await until(async () => (await store.get(id))?.status === 'succeeded');
  });

  it('leaves alone what is not due', async () => {
    await recorded('later', NOW + 1);
    await recorded('now');
    sweeper.start();

    await until(() => tasks.calls.length === 1);
    now += 1;
    await until(() => tasks.calls.length === 2);
  });

  it('runs what nobody was told of long before it is due, once no message tells of anything', async () => {
    const claims = jest.spyOn(store, 'claimDue');
    const looks = (): Promise<void> => {
      claims.mockClear();
      return until(() => claims.mock.calls.length > 2);
    };
    now += 999;
    const told = aNewActivity({ event: anEvent({ id: 'told' }) });
    await store.record(told);
    await starter.startNew(told);
    for (const dueInMs of [29_000, 30_000]) await recorded(`due in ${dueInMs} ms`, now + dueInMs);
    now += 999;
    sweeper.start();
    await looks();
    expect(tasks.calls).toHaveLength(1);
    now += 1;
    await looks();
    expect(tasks.calls).toHaveLength(2);
  });

  it.each(['the answer was lost', 'it could not be begun'])(
    'goes on, when MongoDB is back, with what it claimed although %s',
    async (why) => {
      const id = await recorded('1');
      const claimDue = store.claimDue.bind(store);
      store.claimDue = async (claim) => {
        const due = await claimDue(claim);
        store.claimDue = claimDue;
        store.outage.begin();
        if (why === 'the answer was lost') throw new StoreUnavailableError('claim');
        return due;
      };
      sweeper.start();
      await until(() => log.lines.some(({ level }) => level === 'warn'));
      await new Promise((resolve) => setTimeout(resolve, 20));
      store.outage.end();

      await until(() => tasks.calls.length === 1);
      expect(await store.get(id)).not.toHaveProperty('takeovers');
    },
  );

  it('claims nothing while no permit is free', async () => {
    for (let taken = 0; taken < PERMITS; taken += 1) await semaphore.acquire();
    await recorded('1');
    sweeper.start();
    await new Promise((resolve) => setTimeout(resolve, 20));

    const { activities } = await store.list({ limit: 100, status: 'queued' });
    expect({ calls: tasks.calls.length, queued: activities.length }).toEqual({
      calls: 0,
      queued: 1,
    });
    semaphore.release();
    await until(() => tasks.calls.length === 1);
  });

  it('says once of many that can not be gone on with now', async () => {
    for (const name of ['1', '2', '3']) await recorded(name);
    let refused = 0;
    jest.spyOn(starter, 'resume').mockImplementation(() => {
      refused += 1;
      return Promise.reject(new StoreUnavailableError('commit'));
    });
    sweeper.start();

    await until(() => refused >= 3);
    await sweeper.stop();

    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('waits while MongoDB is gone, says so once, and goes on', async () => {
    store.outage.begin();
    sweeper.start();
    await until(() => log.lines.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(log.lines).toHaveLength(1);

    store.outage.end();
    await recorded('1');
    await until(() => tasks.calls.length === 1);
  });

  it('asks for less when a look fails, until it gets something, and then for more', async () => {
    for (let id = 0; id < PERMITS; id++) await recorded(String(id));
    const claimDue = store.claimDue.bind(store);
    const asked = jest.spyOn(store, 'claimDue').mockImplementation(async (claim) => {
      if (claim.limit > 1) throw new StoreUnavailableError('find due activities');
      return claimDue(claim);
    });
    sweeper.start();

    await until(() => tasks.calls.length === PERMITS);
    const limits = asked.mock.calls.map(([{ limit }]) => limit);
    expect(limits.indexOf(1)).toBeGreaterThan(0);
    expect(limits.slice(limits.indexOf(1))).toContain(2);
  });

  it('looks at all parts of a backlog in turn, and at the oldest alone when there is none', async () => {
    const claims = jest.spyOn(store, 'claimDue').mockImplementation(async () => []);
    sweeper.start();
    await until(() => claims.mock.calls.length === 3);
    const idle = skips();
    const due = await Promise.all(['1', '2', '3'].map((id) => recorded(id)));
    const full = await Promise.all(due.map((id) => store.get(id)));
    // Each of them has ended by the time that it is looked at, so the permits stay free.
    const ended = full.flatMap((one) => (one ? [{ ...one, status: 'succeeded' as const }] : []));
    claims.mockClear().mockImplementation(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return ended;
    });
    await until(() => claims.mock.calls.length === 10);
    await sweeper.stop();

    expect(new Set(idle)).toEqual(new Set([0]));
    expect(skips()[0]).toBe(0);
    expect(skips().slice(1, 5).toSorted(byNumber)).toEqual([0, 100, 200, 300]);
    expect(skips().slice(5, 9).toSorted(byNumber)).toEqual([0, 100, 200, 300]);

    function skips(): readonly (number | undefined)[] {
      return claims.mock.calls.map(([{ skip }]) => skip);
    }
  });

  describe('what breaks whoever takes it up', () => {
    let id: string;

    /** One whose lease ran out so many times in a row, this time just now. */
    async function broken(takeovers: number): Promise<void> {
      id = await recorded('breaks');
      const [claimed] = await store.claimDue({ now, limit: 1, leaseMs: 1, owner: 'a dead one' });
      if (!claimed) throw new Error('it is due');
      const tasks = { start: OVER, call: RUNNING, next: { status: 'pending' } } as const;
      const state = aState({ tasks });
      store.put({ ...claimed, status: 'running', state, wakeAt: now, takeovers: takeovers - 1 });
    }

    it('is taken up at once the first time', async () => {
      await broken(1);
      sweeper.start();

      await until(() => tasks.calls.length === 1);
      expect((await store.get(id))?.takeovers).toBe(1);
    });

    it('has to wait from the second time on', async () => {
      await broken(2);
      sweeper.start();
      await until(async () => (await store.get(id))?.takeovers === 2);

      const { wakeAt = 0, leaseOwner } = (await store.get(id)) ?? {};
      expect(leaseOwner).toBeUndefined();
      expect(wakeAt).toBeGreaterThanOrEqual(now + LEASE_MS / 60);
      expect(wakeAt).toBeLessThanOrEqual(now + LEASE_MS / 30);
      now = wakeAt;
      await until(() => tasks.calls.length === 1);
    });

    it('ends where it can be seen when that was often enough', async () => {
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

    it('does not end while this executor is still at it', async () => {
      id = await recorded('slow');
      sweeper.start();
      await until(() => tasks.calls.length === 1);
      const found = await store.get(id);
      if (!found) throw new Error('it is on record');
      // Its lease ran out, as it does while MongoDB is gone for longer than that.
      store.put({ ...found, wakeAt: now, takeovers: 2 });
      await until(async () => (await store.get(id))?.takeovers === 3);
      tasks.succeed('call');

      await until(() => runs.size === 0);
      expect((await store.get(id))?.status).toBe('succeeded');
    });

    it('ends although what it has done can not be written', async () => {
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

  it('counts nothing against what could not be begun for a reason that passes', async () => {
    const id = await recorded('1');
    const commit = store.commit.bind(store);
    store.commit = () => Promise.reject(new StoreOverloadedError('commit'));
    sweeper.start();
    await until(async () => (await store.get(id))?.lockVersion === 3);
    store.commit = commit;

    const found = await store.get(id);
    expect(found).toMatchObject({ status: 'queued', wakeAt: now + 1_000 });
    expect(found).not.toHaveProperty('leaseOwner');
    now += 1_000;
    await until(() => tasks.calls.length === 1);
    expect(await store.get(id)).not.toHaveProperty('takeovers');
  });

  it('leaves to others at once what it claimed just before the executor stopped', async () => {
    const id = await recorded('1');
    const claimDue = store.claimDue.bind(store);
    store.claimDue = async (claim) => {
      const due = await claimDue(claim);
      await runs.stop(0);
      return due;
    };
    sweeper.start();
    await until(async () => (await store.get(id))?.lockVersion === 3);

    const left = await store.get(id);
    expect(left).toMatchObject({ status: 'queued', wakeAt: now });
    expect(left).not.toHaveProperty('leaseOwner');
  });

  it('ends an activity whose revision is no longer there', async () => {
    const activity = aNewActivity({ wakeAt: NOW, workflowRevision: 99 });
    await store.record(activity);
    sweeper.start();

    await until(async () => (await store.get(activity.id))?.status === 'failed');
    const failure = { level: 'workflow', code: 'REVISION_NOT_FOUND' };
    expect((await store.get(activity.id))?.state?.failure).toMatchObject(failure);
  });
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 1));
}

function byNumber(a = 0, b = 0): number {
  return a - b;
}
