import { jest } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { waitFor } from '../tools/project/wait-for.mjs';
import { activityIdIn, ask } from './support/answer.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { InstalledSdk, type SdkWorker } from './support/installed-sdk.js';
import { newEvent } from './support/sample-event.js';
import { runWorkflow, startWorkflow, taskOf } from './support/run-workflow.js';

jest.setTimeout(300_000);

const PASSWORD = 'not-a-secret';
const QUEUES = ['invoices', 'many'];
/** What docs/worker-protocol.md says that a worker of a queue needs, for each, and nothing else. */
const WORKER = {
  user: 'worker',
  password: PASSWORD,
  permissions: {
    publish: {
      allow: QUEUES.flatMap((queue) => [
        `$JS.API.CONSUMER.MSG.NEXT.FLOW_TASKS.${queue}_default`,
        `$JS.ACK.FLOW_TASKS.${queue}_default.>`,
        `flow.answer.${queue}.default`,
      ]),
    },
    subscribe: {
      allow: QUEUES.flatMap((queue) => [
        `_INBOX_${queue}_default.>`,
        `flow.cancel.${queue}.default`,
      ]),
    },
  },
};
const LEASE_MS = 1_500;
/** Beyond 2^53, so that a double has other digits. */
const BIG = '8202522731445525542';

/** Does what its input says. */
const VERSATILE = `
import { RetryableError, serve, TerminalError } from '@flow-eventing/worker-sdk';
import { setTimeout } from 'node:timers/promises';

const handler = async (task) => {
  const what = task.input.do;
  console.log('begin', what, task.attempt);
  if (what === 'retry' && task.attempt === 1) throw new RetryableError('not yet', { code: 'NOT_YET' });
  if (what === 'terminal') throw new TerminalError('never', { code: 'NEVER', results: { why: 'no' } });
  if (what === 'slow') await setTimeout(3 * ${LEASE_MS});
  if (what === 'hang') {
    task.progress({ percent: 50, message: 'half' });
    for (const line of ['one', 'two']) task.log(line);
    await new Promise((_, reject) => task.signal.addEventListener('abort', () => {
      console.log('aborted', task.signal.reason.message);
      reject(task.signal.reason);
    }));
  }
  return { ...task.input, type: typeof task.input.n, event: task.event.type };
};
const { NATS_URL, WORKER_PASSWORD: pass, QUEUE, CONCURRENCY, DRAIN_MS } = process.env;
const worker = await serve(QUEUE, handler, {
  servers: NATS_URL, credentials: { user: 'worker', pass }, leaseMs: ${LEASE_MS},
  concurrency: Number(CONCURRENCY), drainMs: Number(DRAIN_MS),
});
process.once('SIGTERM', async () => { await worker.stop(); console.log('stopped'); });
`;

let sdk: InstalledSdk;
let system: FlowSystem;
let nats: NatsConnection;
let invoices: CreatedWorkflow;
let many: CreatedWorkflow;
let worker: SdkWorker;

beforeAll(async () => {
  sdk = await InstalledSdk.install();
  system = await FlowSystem.start({
    natsConfig: {
      authorization: { users: [{ user: 'flow', password: PASSWORD }, WORKER] },
      no_auth_user: 'flow',
    },
    executorEnv: { SWEEP_INTERVAL_MS: '200', WORKER_LEASE_MS: String(LEASE_MS) },
  });
  nats = await connect({ servers: system.natsUrl ?? '' });
  invoices = await created('invoices');
  many = await created('many');
}, 300_000);

afterEach(async () => {
  await worker.stop('SIGKILL');
});

afterAll(async () => {
  await nats.close();
  await system.stop();
  await sdk.remove();
});

function created(queue: string): Promise<CreatedWorkflow> {
  const input = { do: '$(params.do)', n: '$(params.n)', order: '$(params.order)' };
  const invoice = {
    generic: { queue, input },
    retry: { attemptsMax: 3, delay: '10ms' },
  };
  return system.api.createWorkflow({
    name: queue,
    params: { do: { default: 'echo' }, n: { default: 1 }, order: { default: 4_711 } },
    tasks: { invoice },
  });
}

function aWorker(code: string, env: Readonly<Record<string, string>> = {}): Promise<SdkWorker> {
  const defaults = { QUEUE: 'invoices', CONCURRENCY: '1', DRAIN_MS: '60000' };
  const nats = { NATS_URL: system.natsUrl ?? '', WORKER_PASSWORD: PASSWORD };
  return sdk.start(code, { ...nats, ...defaults, ...env });
}

describe('@flow-eventing/worker-sdk, installed from its archive', () => {
  it('contains its declared files and its licence, and nothing else of the repository', async () => {
    worker = await aWorker('');
    const files = await sdk.files();

    expect(files).toEqual(
      expect.arrayContaining([
        ...['LICENSE', 'README.md', 'package.json'],
        ...['dist/index.js', 'dist/index.d.ts', 'dist/nest/index.js', 'dist/nest/index.d.ts'],
      ]),
    );
    expect(files.filter((file) => /spec|^src/.test(file))).toEqual([]);
  });

  it.each(['js', 'ts'] as const)('does tasks as its README shows (%s)', async (language) => {
    const code = await InstalledSdk.example(language);
    worker = await aWorker(`import 'reflect-metadata';${code}`);
    const activity = await runWorkflow(system, invoices);

    expect(taskOf(activity, 'invoice')).toMatchObject({ results: { invoice: 'I-4711' } });
    expect((await worker.stop()).said).not.toMatch(/error/i);
  });

  it('keeps integers that a double cannot hold', async () => {
    worker = await aWorker(VERSATILE);
    const { data: _, ...event } = newEvent(invoices.id, {});
    const answer = await ask(`${system.listenerUrl}/listener/event`, {
      method: 'POST',
      token: invoices.token,
      headers: { 'content-type': 'application/cloudevents+json' },
      body: `${JSON.stringify(event).slice(0, -1)},"data":{"n":${BIG}}}`,
    });
    const id = activityIdIn(answer);
    await system.api.untilFinal(id);
    const url = `${system.executorUrl}/api/v2/activities/${id}`;
    const shown = await fetch(url, { headers: { Authorization: `Bearer ${system.adminToken}` } });

    expect(await shown.text()).toContain(`"n":${BIG},"order":4711,"type":"bigint"`);
  });

  it('fails an attempt that may be retried, and a task that may not', async () => {
    worker = await aWorker(VERSATILE);
    const retried = await runWorkflow(system, invoices, { data: { do: 'retry' } });
    const failed = await runWorkflow(system, invoices, { data: { do: 'terminal' } });

    expect(taskOf(retried, 'invoice')).toMatchObject({ status: 'succeeded', attempt: 2 });
    expect(taskOf(failed, 'invoice')).toMatchObject({
      status: 'failed',
      attempt: 1,
      failure: { code: 'NEVER', message: 'never' },
      results: { why: 'no' },
    });
  });

  it('reports progress, and is told of a cancellation', async () => {
    worker = await aWorker(VERSATILE);
    const id = await startWorkflow(system, invoices, { data: { do: 'hang' } });
    const waiting = await waitFor('its progress', async () => {
      const activity = await system.api.activity(id);
      const { progress } = (activity ? taskOf(activity, 'invoice') : {}) as { progress?: object };
      return JSON.stringify(progress ?? null).includes('two') ? activity : undefined;
    });
    expect(taskOf(waiting, 'invoice')).toMatchObject({
      progress: { percent: 50, message: 'half', lines: ['one', 'two'] },
    });
    const url = `${system.executorUrl}/api/v2/activities/${id}/cancel`;
    await ask(url, { method: 'POST', token: system.adminToken, body: { reason: 'enough' } });

    await worker.said('aborted The task is cancelled');
    expect((await system.api.untilFinal(id)).status).toBe('cancelled');
    expect((await runWorkflow(system, invoices)).status).toBe('succeeded');
  });

  it('keeps a task for longer than a lease, and does it once', async () => {
    worker = await aWorker(VERSATILE);
    const activity = await runWorkflow(system, invoices, { data: { do: 'slow' } });

    expect(taskOf(activity, 'invoice')).toMatchObject({ status: 'succeeded', attempt: 1 });
    expect(worker.timesSaid('begin slow')).toBe(1);
  });

  it('has at most concurrency tasks in flight, and ends them before it stops', async () => {
    worker = await aWorker(VERSATILE, { QUEUE: 'many', CONCURRENCY: '2' });
    const slow = { data: { do: 'slow' } };
    const ids = await Promise.all([1, 2, 3].map(() => startWorkflow(system, many, slow)));
    await worker.said('begin slow', 2);
    const { consumers } = await jetstreamManager(nats);
    const consumer = await consumers.info('FLOW_TASKS', 'many_default');
    expect(consumer.num_ack_pending).toBeLessThanOrEqual(2);

    const { code, said } = await worker.stop();
    expect({ code, said }).toEqual({
      code: 0,
      said: expect.stringMatching(/stopped\s$/) as string,
    });
    worker = await aWorker(VERSATILE, { QUEUE: 'many' });
    const ends = await Promise.all(ids.map((id) => system.api.untilFinal(id)));
    expect(ends.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  });

  it('ends its tasks in flight, and takes new ones, after NATS was gone', async () => {
    worker = await aWorker(VERSATILE);
    const id = await startWorkflow(system, invoices, { data: { do: 'slow' } });
    await worker.said('begin slow 1');
    await system.nats.kill();
    await system.nats.restart();

    expect((await system.api.untilFinal(id)).status).toBe('succeeded');
    expect((await runWorkflow(system, invoices)).status).toBe('succeeded');
    await worker.said('begin echo 1');
  });

  it('gives back a task that takes longer than the stop may, and another worker does it', async () => {
    worker = await aWorker(VERSATILE, { DRAIN_MS: '1' });
    const id = await startWorkflow(system, invoices, { data: { do: 'hang' } });
    await worker.said('begin hang 1');
    expect(await worker.stop()).toMatchObject({
      code: 0,
      said: expect.stringContaining('aborted The worker stops') as string,
    });

    worker = await aWorker(VERSATILE);
    await worker.said('begin hang 1');
    const url = `${system.executorUrl}/api/v2/activities/${id}/cancel`;
    await ask(url, { method: 'POST', token: system.adminToken, body: { reason: 'enough' } });
    await worker.said('aborted The task is cancelled');
  });
});
