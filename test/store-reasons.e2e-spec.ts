import { randomUUID } from 'node:crypto';
import { readdir, readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { env } from 'node:process';
import { jest } from '@jest/globals';
import { type App } from '../tools/project/build.mjs';
import { waitFor } from '../tools/project/wait-for.mjs';
import { natsServerBinary } from '../tools/servers/nats-server-binary.mjs';
import { findServerBinary } from '../tools/servers/server-binary.mjs';
import { ServerProcess } from '../tools/servers/server-process.mjs';
import { ask } from './support/answer.js';
import { startLiveApp, warningsOf } from './support/live-app.js';

jest.setTimeout(180_000);

const WRONG_PASSWORD = 'hunter2';

let folder: string;
let nats: ServerProcess;
let natsPort: number;
let mongodbUrl: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flow-eventing-reasons-'));
  nats = new ServerProcess({
    name: 'nats-server',
    command: await findServerBinary(natsServerBinary),
    args: [
      '-a',
      '127.0.0.1',
      '-p',
      '-1',
      '--user',
      'flow',
      '--pass',
      'right',
      '--ports_file_dir',
      folder,
    ],
    logFile: path.join(folder, 'nats-server.log'),
  });
  natsPort = await waitFor('the port of nats-server', async () => {
    const file = (await readdir(folder)).find((name) => name.endsWith('.ports'));
    if (file === undefined) return undefined;
    const { nats: urls } = JSON.parse(await readFile(path.join(folder, file), 'utf8')) as {
      nats: string[];
    };
    return Number(new URL(urls[0] ?? '').port);
  });
  const url = new URL(env['TEST_MONGODB_URL'] ?? '');
  url.username = 'flow';
  url.password = WRONG_PASSWORD;
  url.pathname = `/test_${randomUUID().slice(0, 8)}`;
  url.searchParams.set('authSource', 'admin');
  mongodbUrl = url.href;
});

afterAll(async () => {
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

describe.each<App>(['listener', 'workflow-executor'])('%s with wrong passwords', (app) => {
  let child: ServerProcess;
  let url: string;

  beforeAll(async () => {
    const live = await startLiveApp(app, path.join(folder, `${app}.log`), {
      MONGODB_URL: mongodbUrl,
      NATS_URL: `nats://flow:${WRONG_PASSWORD}@127.0.0.1:${natsPort}`,
    });
    child = live.child;
    url = live.operationsUrl;
  });

  afterAll(() => child.stop());

  it('reports it at once, in the log and in /health/ready, without the passwords', async () => {
    const lines = await waitFor('both reasons', () => {
      const found = warningsOf(child).filter(({ message }) => message.includes('not available'));
      return found.length >= 2 ? found : undefined;
    });

    const reasons = lines.map(({ message, reason }) => `${message}: ${reason}`).sort();
    expect(reasons).toEqual([
      expect.stringMatching(/^MongoDB is not available: Authentication failed/),
      expect.stringMatching(/^NATS is not available: .*Authorization Violation/i),
    ]);
    const { body } = await ask(`${url}/health/ready`);
    const { dependencies } = body as { dependencies: Dependency[] };
    const gone = dependencies.filter(({ status }) => status === 'down');
    expect(gone.map(({ name, detail }) => `${name}: ${detail}`)).toEqual([
      expect.stringMatching(/^mongodb: Authentication failed/),
      expect.stringMatching(/^nats: .*Authorization/i),
    ]);
    expect(child.printed() + JSON.stringify(body)).not.toContain(WRONG_PASSWORD);
  });

  it('stops with exit code 0 although it never had a store', async () => {
    await child.stop();

    expect(await child.ended).toBe('ended with exit code 0');
  });
});

interface Dependency {
  readonly name: string;
  readonly status: string;
  readonly detail?: string;
}
