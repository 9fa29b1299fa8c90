import { readFileSync } from 'node:fs';
import path from 'node:path';
import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { ask } from './support/answer.js';
import { Backup } from './support/backup.js';
import { type ActivityView, type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { NatsPublisher } from './support/nats-publisher.js';
import { runWorkflow, taskOf } from './support/run-workflow.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

/** See fixtures/README.md. */
interface StoredStates {
  readonly madeAt: number;
  readonly internalSecret: string;
  readonly secretsKey: string;
  /** Ids of activities, by the name of their workflow. */
  readonly activities: Readonly<Record<string, string>>;
  readonly workflows: Readonly<Record<string, CreatedWorkflow>>;
  readonly collections: Readonly<Record<string, readonly unknown[]>>;
  readonly indexes: Parameters<typeof Backup.written>[1];
}

const FILE = path.join(import.meta.dirname, 'fixtures/stored-states-117400b.json');
/** So long nobody ran anything: leases are over, and whoever sleeps is due. */
const DOWN_MS = 15 * 60_000;
const SOON = {
  SWEEP_INTERVAL_MS: '200',
  ACTIVITY_RETENTION_DAYS: '0',
  OUTBOX_RETRY_MS_MAX: '1000',
};

let target: TargetServer;
let system: FlowSystem;
let stored: StoredStates;

beforeAll(async () => {
  target = await TargetServer.start();
  target.replyWith(({ path: to }) => ({ status: to === '/missing' ? 404 : 200, body: {} }));
  stored = readStates(target.url);
  const { internalSecret: INTERNAL_SECRET, secretsKey: SECRETS_KEY } = stored;
  system = await FlowSystem.start({
    servers: 'shared',
    executorEnv: SOON,
    envOfEach: () => ({ INTERNAL_SECRET, SECRETS_KEY }),
    prepare: (url) => Backup.written(stored.collections, stored.indexes).restoreTo(url),
  });
});

afterAll(async () => {
  await system.stop();
  await target.stop();
});

/** As if it had been made `DOWN_MS` ago: every instant of it, in milliseconds, is so much later. */
function readStates(targetUrl: string): StoredStates {
  const text = readFileSync(FILE, 'utf8').replaceAll('{{target}}', targetUrl);
  const { madeAt } = JSON.parse(text) as StoredStates;
  const laterMs = Date.now() - DOWN_MS - madeAt;
  const later = text.replace(/\b1[789]\d{11}\b/g, (instant) => String(Number(instant) + laterMs));
  return JSON.parse(later) as StoredStates;
}

function idOf(name: string): string {
  return stored.activities[name] ?? '';
}

function ended(name: string): Promise<ActivityView> {
  return system.api.untilFinal(idOf(name));
}

async function tell(workflow: string, id: string, topic: string, body: object): Promise<void> {
  const url = `${system.listenerUrl}/api/v2/callback?ref=${id}&topic=${topic}`;
  const { token = '' } = stored.workflows[workflow] ?? {};
  await waitFor(`${topic} to be taken`, async () => {
    const { status } = await ask(url, { method: 'POST', token, body });
    return status === 202 ? true : undefined;
  });
}

/** Whatever an operator or a voter asks of a run. */
async function post(id: string, what: string, body: object): Promise<number> {
  return (await system.asAdmin(`/api/v2/activities/${id}${what}`, { method: 'POST', body })).status;
}

function callsOf(name: string): readonly (string | undefined)[] {
  const calls = target.calls.filter(({ idempotencyKey = '' }) =>
    idempotencyKey.startsWith(`${idOf(name)}:`),
  );
  return calls.map(({ idempotencyKey }) => idempotencyKey);
}

describe('a run that the previous release has stored, of each task type', () => {
  it.each([
    ['succeeded', 'succeeded', undefined],
    ['failed', 'failed', 'HTTP_STATUS'],
    ['timedout', 'timedout', 'WORKFLOW_TIMEOUT'],
    ['cancelled', 'cancelled', 'CANCELLED'],
  ])('stays as it was if it had ended (%s)', async (name, status, code) => {
    const activity = await system.api.activity(idOf(name));

    expect(activity).toMatchObject({ status, ...(code !== undefined && { failure: { code } }) });
    expect(callsOf(name)).toEqual([]);
  });

  it('keeps its results, and its webhook is delivered, signed', async () => {
    const [call] = await waitFor('the webhook', () => {
      const calls = target.callsTo('/down').filter(({ headers }) => headers['webhook-signature']);
      return calls.length > 0 ? calls : undefined;
    });

    expect(call?.body).toContain(idOf('telling'));
    expect(await system.api.activity(idOf('succeeded'))).toMatchObject({ results: { kept: 14 } });
    expect(await system.api.activity(idOf('telling'))).toMatchObject({ results: { kept: 'told' } });
  });

  it('ends by itself if it slept, waited for a retry, or had not begun', async () => {
    for (const name of ['sleeping', 'retrying', 'queued'])
      expect(await ended(name)).toMatchObject({ status: 'succeeded', results: { over: true } });

    expect(taskOf(await ended('retrying'), 'work')).toMatchObject({ attempt: 2 });
    expect(callsOf('retrying')).toEqual([`${idOf('retrying')}:work:2`]);
    expect(callsOf('queued')).toEqual([`${idOf('queued')}:work:1`]);
  });

  it.each(['calling', 'sending'])(
    'repeats a call that was under way, with the same key (%s)',
    async (name) => {
      expect(await ended(name)).toMatchObject({ status: 'succeeded', results: { over: true } });
      expect(taskOf(await ended(name), 'work')).toMatchObject({ attempt: 1 });
      if (name === 'calling') expect(callsOf(name)).toEqual([`${idOf(name)}:work:1`]);
    },
  );

  it('uses the parameters that it began with', async () => {
    await ended('calling');
    const [call] = target.calls.filter(({ idempotencyKey }) =>
      idempotencyKey?.startsWith(idOf('calling')),
    );

    expect(JSON.parse(call?.body ?? '')).toEqual({ region: 'north' });
  });

  it('runs its finally tasks, and ends with the status that it had', async () => {
    expect(await ended('cleaning')).toMatchObject({
      status: 'failed',
      failure: { task: 'first', code: 'HTTP_STATUS' },
    });
    expect(callsOf('cleaning')).toEqual([`${idOf('cleaning')}:work:1`]);
  });

  it('receives the events that it waits for, also those that came early', async () => {
    await tell('waiting', idOf('waiting'), 'paid', { n: 41 });
    await tell('early', idOf('early'), 'first', {});

    expect(await ended('waiting')).toMatchObject({ status: 'succeeded', results: { kept: 42 } });
    expect(await ended('early')).toMatchObject({
      status: 'succeeded',
      results: { kept: { came: 'early' } },
    });
  });

  it('waits for votes, and keeps those that were given', async () => {
    const vote = { verdict: 'approved' };
    expect(await post(idOf('asking'), '/tasks/work/vote', vote)).toBe(409);
    expect(await system.api.activity(idOf('asking'))).toMatchObject({ status: 'waiting' });
    const complete = { results: {}, reason: 'the other one is away' };
    expect(await post(idOf('asking'), '/tasks/work/complete', complete)).toBe(202);
    expect(await post(idOf('manual'), '/tasks/work/vote', vote)).toBe(202);

    expect(await ended('asking')).toMatchObject({ status: 'succeeded', results: { over: true } });
    expect(await ended('manual')).toMatchObject({ status: 'succeeded', results: { over: true } });
  });

  it('keeps its lock, and passes it to the next in the queue', async () => {
    expect(await system.api.activity(idOf('locked'))).toMatchObject({ status: 'waiting' });
    await tell('holding', idOf('holding'), 'go', {});

    expect(await ended('holding')).toMatchObject({ status: 'succeeded' });
    expect(await ended('locked')).toMatchObject({ status: 'succeeded', results: { over: true } });
  });

  it('continues when its children have ended, and begins the rest', async () => {
    const told = new Set<string>();
    const parent = await waitFor('the end of the parent', async () => {
      for (const { id } of await system.api.activities('called', 'waiting')) {
        if (!told.has(id)) await tell('called', id, 'go', {});
        told.add(id);
      }
      const activity = await system.api.activity(idOf('parent'));
      return activity?.status === 'waiting' ? undefined : activity;
    });

    expect(parent).toMatchObject({ status: 'succeeded', results: { kept: 3 } });
    expect(await system.api.everyActivityId('called')).toHaveLength(4);
    expect(told.size).toBe(4);
  });

  it('accepts the answer of a worker that got its task before', async () => {
    const nats = await NatsPublisher.connect(system.natsUrl ?? '');
    const answer = {
      specversion: '1.0',
      id: 'answer',
      source: '/workers/stored',
      type: 'io.boomerang.event.task.succeeded',
      activityid: idOf('working'),
      taskname: 'work',
      attempt: 1,
      data: { results: { n: 8 } },
    };
    const headers = { 'content-type': 'application/cloudevents+json' };
    const subject = `${system.namespace}.answer.stored.default`;
    for (let times = 0; times < 2; times += 1)
      await nats.publish(subject, JSON.stringify(answer), headers);
    await nats.close();

    expect(await ended('working')).toMatchObject({ status: 'succeeded', results: { kept: 8 } });
  });

  it('can be resumed by an operator', async () => {
    expect(await system.api.activity(idOf('paused'))).toMatchObject({ status: 'waiting' });
    expect(await post(idOf('paused'), '/tasks/work/retry', { reason: 'it is up again' })).toBe(202);

    expect(await ended('paused')).toMatchObject({ status: 'succeeded', results: { over: true } });
    expect(callsOf('paused')).toHaveLength(1);
  });

  it('belongs to a workflow that still accepts events with its tokens', async () => {
    const workflow = stored.workflows['succeeded'] ?? { id: '', token: '' };

    expect(await runWorkflow(system, workflow, { data: { n: 4 } })).toMatchObject({
      status: 'succeeded',
      results: { kept: 8 },
    });
  });
});
