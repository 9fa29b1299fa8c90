import { readFileSync } from 'node:fs';
import path from 'node:path';
import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { Backup } from './support/backup.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { NatsPublisher } from './support/nats-publisher.js';
import { Records } from './support/records.js';
import { runWorkflow, taskOf } from './support/run-workflow.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(120_000);

/** See fixtures/README.md. */
interface StoredStates {
  readonly internalSecret: string;
  /** Ids of activities, by what they were at. */
  readonly activities: Readonly<Record<string, string>>;
  readonly workflows: {
    readonly keeping: CreatedWorkflow;
    readonly calling: { readonly id: string };
  };
  readonly messages: readonly {
    readonly subject: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly payload: string;
  }[];
  readonly collections: Readonly<Record<string, readonly unknown[]>>;
  readonly indexes: Parameters<typeof Backup.written>[1];
}

const FILE = path.join(import.meta.dirname, 'fixtures/stored-states-0.1.json');

let target: TargetServer;
let system: FlowSystem;
let stored: StoredStates;

beforeAll(async () => {
  target = await TargetServer.start();
  const text = readFileSync(FILE, 'utf8').replaceAll('{{target}}', target.url);
  stored = JSON.parse(text) as StoredStates;
  const env = { INTERNAL_SECRET: stored.internalSecret };
  const soon = { LEASE_MS: '1000', SWEEP_INTERVAL_MS: '200', ACTIVITY_RETENTION_DAYS: '0' };
  system = await FlowSystem.start({
    listenerEnv: env,
    executorEnv: { ...env, ...soon },
    prepare: (url) => Backup.written(stored.collections, stored.indexes).restoreTo(url),
  });
  const publisher = await NatsPublisher.connect(system.natsUrl ?? '');
  for (const { subject, payload, headers } of stored.messages) {
    await publisher.publish(subject, payload, headers);
  }
  await waitFor('the messages to be taken', async () =>
    (await publisher.messagesIn('FLOW_EVENTS')) === 0 ? true : undefined,
  );
  await publisher.close();
});

afterAll(async () => {
  await system.stop();
  await target.stop();
});

function idOf(what: string): string {
  return stored.activities[what] ?? '';
}

describe('an activity that an earlier release has stored', () => {
  it.each([
    ['succeeded', 'succeeded', undefined],
    ['called', 'succeeded', undefined],
    ['failed', 'failed', 'HTTP_STATUS'],
    ['timedout', 'timedout', 'WORKFLOW_TIMEOUT'],
    ['cancelled', 'cancelled', 'CANCELLED'],
  ])('stays as it was if it had ended (%s)', async (what, status, code) => {
    const activity = await system.api.activity(idOf(what));

    expect(activity).toMatchObject({ status, ...(code !== undefined && { failure: { code } }) });
  });

  it('keeps its results, to the digit', async () => {
    expect(await system.api.activity(idOf('succeeded'))).toMatchObject({
      results: { kept: 'kept' },
    });
    expect(await system.api.activity(idOf('called'))).toMatchObject({
      results: { said: { answer: 12345678901234, text: 'ä "quoted"' } },
    });
  });

  it.each(['queued', 'queuedWebhook', 'running', 'waiting'])(
    'runs to its end if it had not ended (%s)',
    async (what) => {
      expect(await system.api.untilFinal(idOf(what))).toMatchObject({ status: 'succeeded' });
    },
  );

  it('keeps its attempts and idempotency keys', async () => {
    const running = await system.api.untilFinal(idOf('running'));
    const waiting = await system.api.untilFinal(idOf('waiting'));

    expect(taskOf(running, 'call')).toMatchObject({ attempt: 1, status: 'succeeded' });
    expect(taskOf(waiting, 'call')).toMatchObject({ attempt: 2, status: 'succeeded' });
    const keys = new Set(target.timesByKey.keys());
    expect(keys).toEqual(new Set([`${running.id}:call:1`, `${waiting.id}:call:2`]));
  });

  it('is listed, by workflow and by status', async () => {
    const { keeping, calling } = stored.workflows;
    for (const what of ['queued', 'queuedWebhook']) await system.api.untilFinal(idOf(what));
    await system.api.untilFinal(idOf('running'));
    const succeeded = await system.api.activities(keeping.id, 'succeeded');
    const ofCalls = await system.api.activities(calling.id);
    const refused = await waitFor('the migration', async () => {
      const found = await system.api.refused(keeping.id);
      return found.length >= 2 ? found : undefined;
    });

    const ids = ['succeeded', 'queued', 'queuedWebhook'].map(idOf);
    expect(succeeded.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
    expect(new Set(ofCalls.map(({ id }) => id))).toEqual(
      new Set(['called', 'cancelled', 'running'].map(idOf)),
    );
    expect(refused).toHaveLength(2);
    for (const one of refused) expect(one).toMatchObject({ failure: { code: 'TOKEN_INVALID' } });
  });

  it('keeps its dead letters, and gets no new ones', async () => {
    const records = new Records(system.mongodbUrl);
    try {
      const codes = (await records.deadLetters()).map(({ code }) => code);
      expect(codes.toSorted()).toEqual(['BODY_NOT_JSON', 'EVENT_INVALID']);
    } finally {
      await records.close();
    }
  });

  it('belongs to a workflow that still accepts events with its tokens', async () => {
    const event = { data: { inputs: { key: 'new' } } };

    expect(await runWorkflow(system, stored.workflows.keeping, event)).toMatchObject({
      status: 'succeeded',
      results: { kept: 'new' },
    });
  });
});
