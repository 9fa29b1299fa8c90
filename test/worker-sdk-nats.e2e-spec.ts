import { jest } from '@jest/globals';
import { AckPolicy, jetstreamManager, RetentionPolicy } from '@nats-io/jetstream';
import { connect, headers as natsHeaders, type NatsConnection } from '@nats-io/transport-node';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serve, type Worker, type WorkerOptions } from '../packages/worker-sdk/src/index.js';
import { waitFor } from '../tools/project/wait-for.mjs';
import { natsServerBinary } from '../tools/servers/nats-server-binary.mjs';
import { natsUrl, startNatsServer } from '../tools/servers/nats-server.mjs';
import { findServerBinary } from '../tools/servers/server-binary.mjs';

jest.setTimeout(300_000);

const RIGHTS = {
  publish: {
    allow: [
      '$JS.API.CONSUMER.MSG.NEXT.FLOW_TASKS.invoices_a',
      '$JS.ACK.FLOW_TASKS.invoices_a.>',
      'flow.answer.invoices.a',
    ],
  },
  subscribe: { allow: ['_INBOX_invoices_a.>', 'flow.cancel.invoices.a'] },
};

let dataDir: string;
let server: Awaited<ReturnType<typeof startNatsServer>> | undefined;
let nats: NatsConnection;
let worker: Worker;
let errors: unknown[];
let done: string[];

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'flow-worker-sdk-nats-'));
  [errors, done] = [[], []];
});

afterEach(async () => {
  await nats.close();
  await worker.stop();
  await server?.stop();
  server = undefined;
  await rm(dataDir, { recursive: true, force: true });
});

/** The server again, on the same port, with a worker that has this password and these rights. */
async function serverWith(pass: string, permissions: object = RIGHTS): Promise<void> {
  const port = server?.port;
  await server?.stop();
  const users = [
    { user: 'flow', password: 'flow' },
    { user: 'worker', password: pass, permissions },
  ];
  const config = { authorization: { users }, no_auth_user: 'flow' };
  const binary = await findServerBinary(natsServerBinary);
  server = await startNatsServer({
    ...{ binary, dataDir, config },
    ...(port !== undefined && { port }),
  });
}

async function streams(...names: ('FLOW_TASKS' | 'FLOW_ANSWERS')[]): Promise<void> {
  nats = await connect({ servers: natsUrl(server?.port ?? 0), user: 'flow', pass: 'flow' });
  const manager = await jetstreamManager(nats);
  const subject = { FLOW_TASKS: 'flow.task.>', FLOW_ANSWERS: 'flow.answer.>' };
  for (const name of names) {
    await manager.streams.add({
      name,
      subjects: [subject[name]],
      retention: RetentionPolicy.Workqueue,
    });
  }
  if (!names.includes('FLOW_TASKS')) return;
  await manager.consumers.add('FLOW_TASKS', {
    durable_name: 'invoices_a',
    ack_policy: AckPolicy.Explicit,
  });
}

async function begin(options: Partial<WorkerOptions> = {}): Promise<void> {
  const handler = ({ name }: { name: string }): object => {
    done.push(name);
    return {};
  };
  worker = await serve('invoices', handler, {
    servers: natsUrl(server?.port ?? 0),
    credentials: { user: 'worker', pass: 'right' },
    group: 'a',
    onError: (error) => errors.push(error),
    ...options,
  });
}

async function queue(taskname: string): Promise<void> {
  const of = { specversion: '1.0', id: taskname, source: '/workflows/w', type: 'queued' };
  const task = { ...of, activityid: 'a1', taskname, attempt: 1, data: { input: null } };
  const headers = natsHeaders();
  headers.set('Nats-Msg-Id', taskname);
  // A server that has just begun may not answer the first time; the task is stored once all the same.
  await waitFor('the task to be queued', async () => {
    const payload = JSON.stringify(task);
    const stored = await nats.request(`flow.task.invoices.a.${taskname}`, payload, {
      headers,
      timeout: 5_000,
    });
    return 'stream' in stored.json<object>() ? true : undefined;
  });
}

function untilStored(stream: string, count: number): Promise<true> {
  return waitFor(`${count} messages in ${stream}`, async () => {
    const { streams } = await jetstreamManager(nats);
    return (await streams.info(stream)).state.messages === count || undefined;
  });
}

function untilReported(what: RegExp, times = 1): Promise<true> {
  return waitFor(`${times} times ${what.source}`, () => {
    return errors.filter((error) => what.test(String(error))).length >= times || undefined;
  });
}

it('a worker logs in again when it is permitted, and reports while it is not', async () => {
  await serverWith('right');
  await streams('FLOW_TASKS', 'FLOW_ANSWERS');
  await begin();
  await serverWith('changed');
  await untilReported(/authorization/i, 3);

  await serverWith('right');
  await queue('first');
  await untilStored('FLOW_ANSWERS', 1);
});

it('a worker that starts before NATS says so, and begins when NATS is there', async () => {
  await serverWith('right');
  await streams('FLOW_TASKS', 'FLOW_ANSWERS');
  await server?.stop();
  const begun = begin();
  await untilReported(/NATS is not reached yet/);

  await serverWith('right');
  await begun;
  await queue('first');
  await untilStored('FLOW_ANSWERS', 1);
});

it('a worker throws when its first log-in is refused', async () => {
  await serverWith('right');
  await streams('FLOW_TASKS', 'FLOW_ANSWERS');
  await begin();

  const credentials = { user: 'worker', pass: 'wrong' };
  await expect(begin({ credentials })).rejects.toThrow(/authorization/i);
});

it('a worker names the right that it lacks, and continues when it has it', async () => {
  await serverWith('right', { ...RIGHTS, subscribe: { deny: ['>'] } });
  await streams('FLOW_TASKS', 'FLOW_ANSWERS');
  await begin();
  await untilReported(/permissions violation for subscription to "_INBOX_invoices_a.pull/i);
  await untilReported(/permissions violation for subscription to "flow.cancel.invoices.a"/i);

  await serverWith('right');
  await queue('first');
  await untilStored('FLOW_ANSWERS', 1);
});

it('a worker requests the next task as soon as it has done one', async () => {
  await serverWith('right');
  await streams('FLOW_TASKS', 'FLOW_ANSWERS');
  await begin({ concurrency: 2 });
  // No request is ever so old that it counts as lost.
  const clock = jest.spyOn(performance, 'now').mockReturnValue(performance.now());
  try {
    for (const name of ['1', '2', '3', '4', '5', '6', '7']) await queue(name);
    await untilStored('FLOW_ANSWERS', 7);
  } finally {
    clock.mockRestore();
  }
  expect(done.toSorted()).toEqual(['1', '2', '3', '4', '5', '6', '7']);
});

it('a worker keeps a task until its answer is stored', async () => {
  await serverWith('right');
  await streams('FLOW_TASKS');
  await begin();
  await queue('first');
  await waitFor('the answer not to be taken, twice', () => errors.length >= 2 || undefined);
  await untilStored('FLOW_TASKS', 1);

  await nats.close();
  await streams('FLOW_ANSWERS');
  await untilStored('FLOW_ANSWERS', 1);
  await untilStored('FLOW_TASKS', 0);
  expect(done).toEqual(['first']);
});

it('a worker gives back a task whose answer is not stored, and ends with its connection', async () => {
  await serverWith('right');
  await streams('FLOW_TASKS');
  await begin({ answerMs: 1 });
  await queue('first');
  await waitFor('it to come again', () => done.length >= 2 || undefined);

  await nats.close();
  await streams('FLOW_ANSWERS');
  await untilStored('FLOW_TASKS', 0);
  await worker.stop();
  expect(await worker.closed).toBeUndefined();
});
