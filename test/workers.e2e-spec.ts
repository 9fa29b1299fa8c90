import { jest } from '@jest/globals';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, headers as natsHeaders, type NatsConnection } from '@nats-io/transport-node';
import { waitFor } from '../tools/project/wait-for.mjs';
import { ask } from './support/answer.js';
import { type ActivityView, type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { metricOf } from './support/metric.js';
import { installNatsPy, PythonWorker } from './support/python-worker.js';
import { runWorkflow, startWorkflow, taskOf } from './support/run-workflow.js';
import { workerUser } from './support/worker-user.js';

jest.setTimeout(300_000);

const QUEUE = 'invoices';
const SECRET = 'not-a-secret';
const WORKER = workerUser(QUEUE, SECRET);
const LEASE_MS = 1_500;
/** What WORKER_DELIVERIES_MAX is unless it is set. */
const DELIVERIES_MAX = 10;

let system: FlowSystem;
let workflow: CreatedWorkflow;
let nats: NatsConnection;
let worker: PythonWorker;

beforeAll(async () => {
  await installNatsPy();
  system = await FlowSystem.start({
    natsConfig: {
      authorization: { users: [{ user: 'flow', password: SECRET }, WORKER] },
      no_auth_user: 'flow',
    },
    executorEnv: {
      LEASE_MS: '1000',
      SWEEP_INTERVAL_MS: '200',
      WORKER_LEASE_MS: String(LEASE_MS),
    },
  });
  nats = await connect({ servers: system.natsUrl ?? '' });
  workflow = await created('invoice', QUEUE);
  worker = await aWorker();
});

afterAll(async () => {
  await worker.kill(); // It would finish first what hangs.
  await nats.close();
  await system.stop();
});

function created(name: string, queue: string, attemptsMax = 3): Promise<CreatedWorkflow> {
  const retry = { attemptsMax, delay: '10ms' };
  const input = { do: '$(params.do)', n: '$(params.n)' };
  const invoice = { generic: { queue, input }, retry };
  return system.api.createWorkflow({
    name,
    params: { do: { default: 'echo' }, n: { default: 1 } },
    tasks: { invoice },
  });
}

function aWorker(): Promise<PythonWorker> {
  const url = (system.natsUrl ?? '').replace('nats://', `nats://worker:${SECRET}@`);
  const env = { NATS_URL: url, NAMESPACE: 'flow', QUEUE, GROUP: 'default' };
  return PythonWorker.start({ ...env, LEASE_S: String(LEASE_MS / 1_000) });
}

function started(of: CreatedWorkflow, data: object): Promise<string> {
  return startWorkflow(system, of, { data });
}

async function cancel(id: string): Promise<void> {
  const url = `${system.executorUrl}/api/v2/activities/${id}/cancel`;
  const body = { reason: 'no longer wanted' };
  const { status } = await ask(url, { method: 'POST', token: system.adminToken, body });
  expect(status).toBe(202);
}

/** What waits in one queue, or in all. */
async function queued(queue = '>'): Promise<number> {
  const manager = await jetstreamManager(nats);
  const filter = { subjects_filter: `flow.task.${queue}` };
  const { subjects = {} } = (await manager.streams.info('FLOW_TASKS', filter)).state;
  return Object.values(subjects).reduce((sum, count) => sum + count, 0);
}

/** Until the activity says so of its task. */
function untilTask(id: string, isThere: (task: TaskFacts) => boolean): Promise<ActivityView> {
  return waitFor(`the task of ${id}`, async () => {
    const activity = await system.api.activity(id);
    return activity && isThere(taskOf(activity, 'invoice') as TaskFacts) ? activity : undefined;
  });
}

interface TaskFacts {
  readonly status: string;
  readonly attempt: number;
  readonly progress?: object;
}

/** As a worker would, past the Python one. */
async function answer(
  activityid: string,
  attempt: number,
  more: object,
  queue = QUEUE,
  group = 'default',
): Promise<void> {
  const of = { activityid, taskname: 'invoice', attempt, specversion: '1.0', source: '/test' };
  const kind = 'io.boomerang.event.task.succeeded';
  const event = { ...of, id: `${activityid}:${attempt}`, type: kind, ...more };
  const headers = natsHeaders();
  headers.set('content-type', 'application/cloudevents+json');
  await jetstream(nats).publish(`flow.answer.${queue}.${group}`, JSON.stringify(event), {
    headers,
  });
}

describe('a worker in Python, with a user of its own in NATS', () => {
  it('does a task, and gives its results back', async () => {
    const activity = await runWorkflow(system, workflow, { data: { n: 7 } });

    expect(activity.status).toBe('succeeded');
    expect(taskOf(activity, 'invoice')).toMatchObject({
      results: {
        echo: { do: 'echo', n: 7 },
        key: `${activity.id}:invoice:1`,
        attempt: 1,
      },
    });
    await waitFor('the queue to be empty', async () => ((await queued()) === 0 ? true : undefined));
  });

  it('gets tasks of its group alone, and answers for these alone', async () => {
    const of = (n: number, group?: string): object => ({
      generic: { queue: QUEUE, input: { do: 'echo', n }, ...(group !== undefined && { group }) },
    });
    const tasks = { day: of(1), invoice: of(2, 'night') };
    const groups = await system.api.createWorkflow({ name: 'groups', tasks });
    const id = await startWorkflow(system, groups);
    const night = await waitFor('the task of the other group', async () => {
      const consumer = await jetstream(nats).consumers.get('FLOW_TASKS', `${QUEUE}_night`);
      return (await consumer.next({ expires: 1_000 })) ?? undefined;
    });
    expect(night.json()).toMatchObject({ taskname: 'invoice', data: { input: { n: 2 } } });

    await answer(id, 1, { id: 'of-day', data: { results: { by: 'day' } } });
    const { streams } = await jetstreamManager(nats);
    await waitFor('all answers to be taken', async () => {
      const activity = await system.api.activity(id);
      const day = activity && (taskOf(activity, 'day') as TaskFacts);
      const { messages } = (await streams.info('FLOW_ANSWERS')).state;
      return (day?.status === 'succeeded' && messages === 0) || undefined;
    });
    expect(await system.api.activity(id)).toMatchObject({ status: 'waiting' });
    await answer(id, 1, { id: 'of-night', data: { results: { by: 'night' } } }, QUEUE, 'night');
    night.ack();

    const activity = await system.api.untilFinal(id);
    expect(taskOf(activity, 'day')).toMatchObject({ results: { echo: { n: 1 } } });
    expect(taskOf(activity, 'invoice')).toMatchObject({ results: { by: 'night' } });
  });

  it('fails an attempt, and does the next one under a new key', async () => {
    const activity = await runWorkflow(system, workflow, { data: { do: 'fail-once' } });

    expect(taskOf(activity, 'invoice')).toMatchObject({
      attempt: 2,
      results: { key: `${activity.id}:invoice:2`, attempt: 2 },
    });
  });

  it('reports progress, and is told of a cancellation', async () => {
    const id = await started(workflow, { do: 'progress' });
    const waiting = await untilTask(id, (task) => task.progress !== undefined);

    expect(taskOf(waiting, 'invoice')).toMatchObject({
      status: 'waiting',
      progress: { percent: 50, message: 'half', lines: ['one', 'two'] },
    });
    expect(waiting.waitingFor).toMatchObject([{ kind: 'worker', task: 'invoice' }]);
    await cancel(id);
    await worker.said('cancelled invoice');
    expect((await system.api.untilFinal(id)).status).toBe('cancelled');
  });

  it('is replaced by another when it dies in the middle of a task', async () => {
    const id = await started(workflow, { do: 'progress', n: 'dies' });
    await untilTask(id, (task) => task.progress !== undefined);
    await worker.kill();
    worker = await aWorker();
    await worker.said('begin progress');
    await answer(id, 1, { data: { results: { by: 'hand' } } });

    expect(await system.api.untilFinal(id)).toMatchObject({ status: 'succeeded' });
    // The run was over before: what it was told is that nobody wants it.
    expect((await system.api.activity(id))?.tasks).toHaveLength(3);
  });
});

describe('a task that waits for a worker', () => {
  it('fails when every worker that takes it goes without an answer', async () => {
    const poison = await created('poison', 'poisoned', 1);
    const id = await started(poison, {});
    const { consumers } = jetstream(nats);
    const consumer = await waitFor('its consumer', () =>
      consumers.get('FLOW_TASKS', 'poisoned_default').catch(() => undefined),
    );
    for (let times = 0; times < DELIVERIES_MAX; times += 1) (await consumer.next())?.nak();

    const activity = await waitFor('its end', async () => {
      // JetStream finds that it may not be given once more when a worker asks for something.
      expect(await consumer.next({ expires: 1_000 })).toBeNull();
      const found = await system.api.activity(id);
      return found?.status === 'failed' ? found : undefined;
    });
    expect(taskOf(activity, 'invoice')).toMatchObject({
      failure: { code: 'WORKER_DELIVERIES_EXHAUSTED' },
    });
    expect(await metricOf(system.executorUrl, 'flow_worker_tasks_exhausted_total')).toBe(1);
    const { streams } = await jetstreamManager(nats);
    await waitFor('it to leave its queue', async () => {
      const { state } = await streams.info('FLOW_TASKS', {
        subjects_filter: 'flow.task.poisoned.>',
      });
      return state.subjects === undefined ? true : undefined;
    });
  });

  it('waits while its executor dies, and ends by one answer of its own queue', async () => {
    const lonely = await created('lonely', 'nobody-serves');
    const id = await started(lonely, {});
    // A worker is told of an attempt by what is committed with its wait; before it, no answer counts.
    await untilTask(id, (task) => task.status === 'waiting');
    await system.executors[0].kill();
    await system.executors[0].restart();

    await answer(id, 1, { data: { results: { by: 'another queue' } } }, 'other');
    await answer(id, 2, { data: { results: { by: 'an attempt that is not' } } }, 'nobody-serves');
    await answer(id, 1, { data: { results: { by: 'the first' } } }, 'nobody-serves');
    const activity = await system.api.untilFinal(id);
    expect(taskOf(activity, 'invoice')).toMatchObject({ results: { by: 'the first' } });
    await answer(id, 1, { data: { results: { by: 'the second' } } }, 'nobody-serves');
    await waitFor('its being read', async () => {
      const manager = await jetstreamManager(nats);
      const { state } = await manager.streams.info('FLOW_ANSWERS');
      return state.messages === 0 || undefined;
    });
    expect((await system.api.activity(id))?.tasks).toEqual(activity.tasks);
  });

  it('leaves its queue when the run is cancelled', async () => {
    const lonely = await created('cancelled', 'nobody-wants');
    const id = await started(lonely, {});
    const inQueue = (): Promise<number> => queued('nobody-wants.>');
    await waitFor('the task', async () => ((await inQueue()) === 1 ? true : undefined));
    await cancel(id);

    await waitFor('its end', async () => ((await inQueue()) === 0 ? true : undefined));
  });
});
