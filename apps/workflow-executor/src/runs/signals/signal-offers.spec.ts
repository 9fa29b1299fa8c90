import { until } from '@app/errors/testing';
import { FlowMetrics } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import { type ActivityCommit, WorkflowCache } from '@app/persistence';
import {
  anEvent,
  aNewActivity,
  aRevision,
  aWorkflow,
  MemoryActivityStore,
  MemoryWorkflowStore,
  NOW,
} from '@app/persistence/testing';
import {
  type ActivityState,
  WORKER_CANCEL_ENTRY,
  WORKER_TASK_ENTRY,
  type WorkerResultSignal,
} from '@app/workflow-engine';
import { aDefinition, aTask } from '@app/workflow-engine/testing';
import { DeliveryService } from '../../outbox/delivery-service.js';
import { type DeliveryOutcome, OutboxDelivery } from '../../outbox/outbox-delivery.js';
import { TASK_TYPES_RUN } from '../../tasks/task-handler.js';
import { HandDrivenTasks } from '../../tasks/testing/hand-driven-tasks.js';
import { ActiveRuns } from '../driving/active-runs.js';
import { Semaphore } from '../driving/semaphore.js';
import { RunBreaker } from '../run-end.js';
import { Plans } from '../starting/plans.js';
import { RunStarter } from '../starting/run-starter.js';
import { memoryScopes } from '../testing/memory-scopes.js';
import { SignalOffers } from './signal-offers.js';

const DELIVERED = { kind: 'delivered' } as const;
/** Longer than any of these tests takes. */
const LONG_MS = 600_000;

class CountingStore extends MemoryActivityStore {
  commits = 0;
  signals = 0;
  /** How many runs each write let go of. */
  readonly lettings: number[] = [];
  /** Awaited once, after the next commit was computed and before it is written. */
  beforeCommit: (() => Promise<unknown>) | undefined;

  override async commit(commit: ActivityCommit): Promise<'committed' | 'stale'> {
    const before = this.beforeCommit;
    this.beforeCommit = undefined;
    await before?.();
    const outcome = await super.commit(commit);
    if (outcome === 'committed') this.commits += 1;
    return outcome;
  }

  override async letGo(...args: Parameters<MemoryActivityStore['letGo']>) {
    this.lettings.push(args[0].length);
    return super.letGo(...args);
  }

  override async signal(...args: Parameters<MemoryActivityStore['signal']>) {
    this.signals += 1;
    return super.signal(...args);
  }
}

class Queue extends OutboxDelivery {
  readonly available = true;
  delivered = 0;
  /** Until then it is under way. */
  gate: Promise<unknown> = Promise.resolve();

  override async deliver(): Promise<DeliveryOutcome> {
    await this.gate;
    this.delivered += 1;
    return DELIVERED;
  }
}

function answer(task = 'first', rest: Partial<WorkerResultSignal> = {}): WorkerResultSignal {
  const outcome = { kind: 'succeeded', results: { by: task } } as const;
  const of = { task, queue: 'q.default', attempt: 1 };
  return { id: `worker:${task}`, at: NOW, kind: 'worker-result', outcome, ...of, ...rest };
}

const TWO_TASKS = aDefinition([
  aTask('first', 'generic', ['start'], { queue: 'q' }),
  aTask('second', 'generic', ['first'], { queue: 'q' }),
]);
const ONE_TASK = aDefinition([aTask('first', 'generic', ['start'], { queue: 'q' })]);

describe(SignalOffers.name, () => {
  const origin = aNewActivity();
  const { id } = origin;
  let store: CountingStore;
  let workflows: MemoryWorkflowStore;
  let queue: Queue;
  let now: number;
  const executors: Executor[] = [];

  interface Executor {
    readonly runs: ActiveRuns;
    readonly starter: RunStarter;
    readonly offers: SignalOffers;
  }

  function executor(lingerMs = LONG_MS): Executor {
    const tasks = new HandDrivenTasks();
    const [log, metrics, clock] = [new MemoryLog(), new FlowMetrics(), (): number => now];
    const kinds = new Map([WORKER_TASK_ENTRY, WORKER_CANCEL_ENTRY].map((kind) => [kind, queue]));
    const runs = new ActiveRuns(
      new Semaphore(10),
      {
        store,
        handlers: { http: tasks, script: tasks, event: tasks },
        clock,
        settings: { leaseMs: 3 * LONG_MS, storeRetryMs: 1, lingerMs },
        deliveries: new DeliveryService(kinds, new Semaphore(10), metrics, log),
      },
      metrics,
      log,
    );
    const plans = new Plans(new WorkflowCache(workflows), 10, TASK_TYPES_RUN);
    const breaker = new RunBreaker(store, clock, metrics, log);
    const starter = new RunStarter(plans, runs, store, clock, breaker, memoryScopes());
    const made = { runs, starter, offers: new SignalOffers(store, runs, starter) };
    executors.push(made);
    return made;
  }

  beforeEach(async () => {
    store = new CountingStore();
    workflows = new MemoryWorkflowStore();
    queue = new Queue();
    now = NOW;
    executors.length = 0;
    await store.record(origin);
  });

  afterEach(async () => {
    await Promise.all(executors.map(({ runs }) => runs.stop(0)));
  });

  async function runs(definition = ONE_TASK): Promise<void> {
    await workflows.create(aWorkflow(), aRevision({ definition }));
  }

  /** As time goes by. */
  async function untilLetGo(active: ActiveRuns): Promise<void> {
    await until(() => {
      now += 1;
      return Promise.resolve(active.size === 0);
    });
  }

  async function stateOf(): Promise<ActivityState | undefined> {
    return (await store.get(id))?.state;
  }

  it.each(['the executor that queued it', 'another one'])(
    'costs a task of a worker two writes when %s gets the answer',
    async (which) => {
      await runs();
      const first = executor();
      await first.starter.startNew(origin);
      await until(() => Promise.resolve(queue.delivered === 1));
      const receiver = which === 'another one' ? executor() : first;

      expect(await receiver.offers.take(id, answer())).toBe(true);

      expect(await store.get(id)).toMatchObject({
        status: 'succeeded',
        inbox: [],
        state: { tasks: { first: { results: { by: 'first' } } } },
      });
      expect((await store.get(id))?.outbox ?? []).toEqual([]);
      expect([store.commits, store.signals]).toEqual([2, 0]);
    },
  );

  it('costs a chain of tasks one write each, and one', async () => {
    await runs(TWO_TASKS);
    const [first, second] = [executor(), executor()];
    await first.starter.startNew(origin);
    expect(await second.offers.take(id, answer('first'))).toBe(true);
    await until(() => Promise.resolve(queue.delivered === 2));

    expect(await first.offers.take(id, answer('second'))).toBe(true);

    expect((await stateOf())?.status).toBe('succeeded');
    expect([store.commits, store.signals]).toEqual([3, 0]);
  });

  it('takes the answer although it is not known yet that the task is queued', async () => {
    await runs();
    const first = executor();
    let open = (): void => undefined;
    queue.gate = new Promise<void>((resolve) => (open = resolve));
    await first.starter.startNew(origin);

    expect(await executor().offers.take(id, answer())).toBe(true);
    open();

    await until(() => Promise.resolve(queue.delivered === 1));
    expect((await stateOf())?.status).toBe('succeeded');
    expect((await store.get(id))?.outbox ?? []).toEqual([]);
  });

  describe('when the answer does not come in a moment', () => {
    it('works no more on the run, without a write', async () => {
      await runs();
      const { runs: active, starter } = executor(1);
      await starter.startNew(origin);
      await untilLetGo(active);

      expect(await store.get(id)).toMatchObject({ leaseOwner: active.owner, outbox: [{}] });
      expect(active.hasHandedOver(id)).toBe(true);
      expect([store.commits, store.lettings]).toEqual([1, []]);
    });

    it.each(['the executor that queued it', 'another one'])(
      'takes it by the second write when it comes to %s',
      async (which) => {
        await runs();
        const first = executor(1);
        await first.starter.startNew(origin);
        await untilLetGo(first.runs);
        const receiver = which === 'another one' ? executor() : first;

        expect(await receiver.offers.take(id, answer())).toBe(true);

        expect(await store.get(id)).toMatchObject({ status: 'succeeded' });
        expect((await store.get(id))?.outbox ?? []).toEqual([]);
        expect([store.commits, store.signals]).toEqual([2, 0]);
      },
    );

    it('lets go of it on record when it stops, all of them in one write', async () => {
      await runs();
      const { runs: active, starter } = executor(1);
      const more = aNewActivity({ event: anEvent({ id: 'more' }) });
      await store.record(more);
      await starter.startNew(origin);
      await starter.startNew(more);
      await untilLetGo(active);
      await active.stop(0);

      for (const one of [id, more.id]) {
        const found = await store.get(one);
        expect(found).not.toHaveProperty('leaseOwner');
        expect(found?.outbox ?? []).toEqual([]);
        expect(found?.status).toBe('waiting');
      }
      expect([store.commits, store.lettings]).toEqual([2, [2]]);
    });

    it('has a signal taken that nobody told of, when it lets go of it', async () => {
      await runs();
      const { runs: active, starter } = executor(1);
      await starter.startNew(origin);
      await untilLetGo(active);
      await store.signal(id, { id: 'c', kind: 'cancel', reason: 'a test', at: NOW });
      await active.stop(0);

      const due = await store.claimDue({ now, limit: 1, leaseMs: 1, owner: 'sweeper' });
      expect(due.map((one) => one.id)).toEqual([id]);
      expect(due[0]).not.toHaveProperty('takeovers');
    });
  });

  it('takes it all the same when somebody wrote first', async () => {
    await runs();
    await executor().starter.startNew(origin);
    const second = executor();
    const vote = { id: 'v', at: NOW, kind: 'vote', task: 'x', by: 'ada', verdict: 'approved' };
    store.beforeCommit = () => store.signal(id, vote as never);

    expect(await second.offers.take(id, answer())).toBe(true);
    expect((await stateOf())?.status).toBe('succeeded');
  });

  it('leaves it when the run has not begun, or there is none', async () => {
    await runs();
    const { offers } = executor();

    expect(await offers.take(id, answer())).toBe(false);
    expect(await offers.take('no-such', answer())).toBe(false);
    expect(store.commits).toBe(0);
  });

  it('leaves it to the driver of another executor that has more to do', async () => {
    await runs(
      aDefinition([
        aTask('first', 'generic', ['start'], { queue: 'q' }),
        aTask('call', 'http', ['start'], { url: 'https://example.org' }),
      ]),
    );
    await executor().starter.startNew(origin);

    expect(await executor().offers.take(id, answer())).toBe(false);
    expect((await stateOf())?.tasks['first']?.status).toBe('waiting');
  });

  it.each([
    ['another queue', { queue: 'others.default' }],
    ['another attempt', { attempt: 2 }],
  ])('takes no lease of another by an answer of %s', async (_which, wrong) => {
    await runs();
    await executor().starter.startNew(origin);
    await until(() => Promise.resolve(queue.delivered === 1));

    expect(await executor().offers.take(id, answer('first', wrong))).toBe(false);
    expect(store.commits).toBe(1);
  });

  it('is taken already when the run is over', async () => {
    await runs();
    const first = executor();
    await first.starter.startNew(origin);
    await first.offers.take(id, answer());

    expect(await executor().offers.take(id, answer())).toBe(true);
    expect(store.commits).toBe(2);
  });

  it('gives each of several answers at one moment to the run, whoever brings it up', async () => {
    const names = Array.from({ length: 8 }, (_, at) => `t${at}`);
    await runs(aDefinition(names.map((name) => aTask(name, 'generic', ['start'], { queue: 'q' }))));
    const first = executor(1);
    await first.starter.startNew(origin);
    await untilLetGo(first.runs);

    const { offers } = executor();
    const taken = await Promise.all(names.map((name) => offers.take(id, answer(name))));

    expect(taken).toEqual(names.map(() => true));
    expect((await stateOf())?.status).toBe('succeeded');
    expect(store.signals).toBe(0);
  });

  it('says that MongoDB is gone, so that the answer comes again', async () => {
    await runs();
    await executor().starter.startNew(origin);
    const second = executor();
    store.outage.begin();

    await expect(second.offers.take(id, answer())).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
  });
});
