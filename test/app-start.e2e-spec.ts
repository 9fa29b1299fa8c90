import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { jest } from '@jest/globals';
import { type App, builtApp } from '../tools/project/build.mjs';
import { operationsUrl } from '../tools/start/app-process.mjs';
import { activityIdIn, ask } from './support/answer.js';
import { keepingWorkflow } from './support/definitions.js';
import { FlowSystem } from './support/flow-system.js';
import { newEvent } from './support/sample-event.js';
import { sendStructured } from './support/send.js';

jest.setTimeout(300_000);

const APPS: readonly App[] = ['listener', 'workflow-executor'];

/** What either app needs; nothing answers there, and none of these tests gets that far. */
const SETTINGS = {
  MONGODB_URL: 'mongodb://127.0.0.1:1/flow?replicaSet=rs0',
  EVENTING_DRIVER: 'http',
  INTERNAL_SECRET: 'a-secret-that-is-long-enough-for-it-to-be-one',
  EXECUTOR_URL: 'http://127.0.0.1:1',
  PUBLIC_API_URL: 'http://127.0.0.1:1',
};

describe.each(APPS)('%s', (app) => {
  it('reports all errors of its configuration at once, without values', async () => {
    const ended = await start(app, {
      MONGODB_URL: 'postgres://user:hunter2@nowhere',
      INTERNAL_SECRET: 'hunter2',
      PORT: 'hunter2',
      BODY_BYTES_MAX: '-1',
      LOG_LEVEL: 'loud',
    });

    expect(ended.code).toBe(1);
    const names = [
      'MONGODB_URL',
      'NATS_URL',
      'INTERNAL_SECRET',
      'PORT',
      'BODY_BYTES_MAX',
      'LOG_LEVEL',
    ];
    for (const name of names) expect(ended.complained).toContain(name);
    expect(ended.complained + ended.printed).not.toContain('hunter2');
  });

  it('does not start without authorization in production', async () => {
    const ended = await start(app, {
      ...SETTINGS,
      NODE_ENV: 'production',
      EVENTING_AUTH_ENABLED: 'false',
    });

    expect(ended.code).toBe(1);
    expect(ended.complained).toContain('EVENTING_AUTH_ENABLED');
  });
});

let system: FlowSystem;

beforeAll(async () => {
  const off = { EVENTING_AUTH_ENABLED: 'false' };
  const listenerEnv = { ...off, PUBLIC_API_URL: 'https://flow.test/base/' };
  system = await FlowSystem.start({ servers: 'shared', listenerEnv, executorEnv: off });
});

afterAll(() => system.stop());

describe('PUBLIC_API_URL', () => {
  it('is the address in receipts, whatever address the listener uses for the API', async () => {
    const { id } = await system.api.createWorkflow(keepingWorkflow('elsewhere'));

    const answer = await sendStructured(system.listenerUrl, newEvent(id));

    const activityid = activityIdIn(answer);
    const location = answer.headers.get('location');
    expect(location).toBe(`https://flow.test/base/api/v2/activities/${activityid}`);
  });
});

describe('authorization that is switched off', () => {
  it('lets everybody start a workflow, with any token and without one', async () => {
    const { id } = await system.api.createWorkflow(keepingWorkflow('open'));

    const without = await sendStructured(system.listenerUrl, newEvent(id));
    const wrong = await sendStructured(system.listenerUrl, newEvent(id), { token: 'wrong' });

    expect([without.status, wrong.status]).toEqual([202, 202]);
    const activityid = activityIdIn(without);
    expect(await system.api.untilFinal(activityid)).toMatchObject({ status: 'succeeded' });
  });

  it('is a warning in the log of each app', async () => {
    const warnings = (await system.logs())
      .split('\n')
      .filter((line) => line.includes('AUTHORIZATION IS OFF') && line.includes('"level":"warn"'));

    expect(warnings).toHaveLength(2);
  });

  it('answers that a workflow does not exist', async () => {
    const answer = await sendStructured(system.listenerUrl, newEvent('nobody'));

    expect(answer).toMatchObject({ status: 404, body: { code: 'WORKFLOW_NOT_FOUND' } });
  });

  it('makes every token valid for validateToken', async () => {
    const { id } = await system.api.createWorkflow(keepingWorkflow('open-validated'));

    const answer = await ask(`${system.executorUrl}/internal/workflow/${id}/validateToken`, {
      method: 'POST',
      body: { token: 'any' },
    });

    expect(answer.status).toBe(200);
  });

  it('does not open the API', async () => {
    expect(await ask(`${system.executorUrl}/api/v2/workflows`)).toMatchObject({ status: 401 });
  });
});

describe('readiness', () => {
  it.each(APPS)('of the %s is reported only after its port is open', async (app) => {
    const [server, url] =
      app === 'listener'
        ? [system.listener, system.listenerUrl]
        : [system.executors[0], system.executorUrl];
    await server.stop();
    const started = server.restart();

    // As often as it can be asked: a moment too early is enough for a load balancer.
    while (!(await isReady(url)));
    const answer = await ask(`${url}/nowhere`);

    expect(answer.status).toBe(404);
    await started;
  });
});

interface Ended {
  readonly code: number | null;
  readonly printed: string;
  readonly complained: string;
}

/** Starts an app that is expected to end by itself. */
async function start(app: App, settings: Readonly<Record<string, string>>): Promise<Ended> {
  const child = spawn(process.execPath, [builtApp(app)], {
    env: { PORT: '0', OPERATIONS_PORT: '0', HOST: '127.0.0.1', ...settings },
  });
  const [printed, complained] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code: child.exitCode, printed, complained };
}

async function isReady(url: string): Promise<boolean> {
  return (await fetch(`${operationsUrl(url)}/health/ready`).catch(() => undefined))?.ok === true;
}
