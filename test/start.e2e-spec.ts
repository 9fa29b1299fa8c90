import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { jest } from '@jest/globals';
import { isAlive } from '../tools/project/process-life.mjs';
import { waitFor } from '../tools/project/wait-for.mjs';
import { activityIdIn, ask } from './support/answer.js';
import { type ActivityView, FlowApi } from './support/flow-api.js';
import { exitCode, type Ready, run, start, type Start, stopAll } from './support/npm-start.js';
import { sampleEvent } from './support/sample-event.js';
import { sendStructured } from './support/send.js';

/** Stores a secret of tasks; the status of the answer. */
async function askForSecrets(
  { executorUrl, adminToken }: Ready,
  { name, value }: { readonly name: string; readonly value: string },
): Promise<number> {
  const { status } = await ask(`${executorUrl}/api/v2/task-secrets/${name}`, {
    method: 'PUT',
    token: adminToken,
    body: { value },
  });
  return status;
}

// A start is several programs coming up one after the other.
jest.setTimeout(300_000);

let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'flow-eventing-start-'));
});

afterAll(() => rm(dataDir, { recursive: true, force: true }));

/** A start takes seconds, so tests share one and end it in one of the ways that must end everything. */
describe('npm start', () => {
  describe('twice after one another in one folder', () => {
    const folder = (): string => path.join(dataDir, 'kept');
    let first: Start;
    let before: Ready;
    let shownBefore: ActivityView | undefined;
    let second: Start;

    beforeAll(async () => {
      first = start('--data-dir', folder());
      before = await first.ready;
    });

    afterAll(stopAll);

    it('runs the sample event and shows it task by task', async () => {
      const answer = await sendStructured(
        before.listenerUrl,
        sampleEvent(before.workflowId),
        before,
      );

      expect(answer.status).toBe(202);
      const activityid = activityIdIn(answer);
      const shown = await run('tools/activity.mjs', activityid, '--data-dir', folder());
      expect(shown.complained).toBe('');
      expect(shown.printed).toMatch(/^Workflow "hello" succeeded/);
      expect(shown.printed).toMatch(/greet +succeeded/);
      expect(shown.printed).toMatch(/celebrate +succeeded/);
      expect(shown.printed).toMatch(/look into it +skipped/);
      expect(shown.printed).toMatch(/greeting +"Hello, value!"/);
      shownBefore = await new FlowApi(before.executorUrl, before.adminToken).activity(activityid);
      expect(await askForSecrets(before, { name: 'kept', value: 'a secret value' })).toBe(200);
    });

    it('names the process that uses its folder, and other users cannot read its tokens', async () => {
      const refused = start('--data-dir', folder());

      expect(await exitCode(refused.child)).toBe(1);
      expect(await refused.complained).toContain(`process ${first.child.pid ?? ''} `);
      expect(await refused.complained).toContain('--data-dir');
      const { mode } = await stat(path.join(folder(), 'start.json'));
      expect(mode & 0o077).toBe(0);
    });

    it('stops everything on SIGTERM, even when it comes twice', () =>
      expectEverythingToStop(first, 'SIGTERM'));

    it('keeps everything over a restart', async () => {
      second = start('--data-dir', folder());
      const after = await second.ready;

      const { workflowId, token, adminToken } = before;
      expect(after).toMatchObject({ workflowId, token, adminToken });
      const id = shownBefore?.id ?? 'none';
      expect(await new FlowApi(after.executorUrl, after.adminToken).activity(id)).toEqual(
        shownBefore,
      );
      // The same key: with another one it would not have started.
      expect(await askForSecrets(after, { name: 'kept', value: 'another value' })).toBe(200);
    });

    it('leaves no process behind when it is killed', async () => {
      const { pids } = await second.ready;

      second.child.kill('SIGKILL');

      await waitFor('the end of all processes', () =>
        Object.values(pids).some(isRunning) ? undefined : true,
      );
    });
  });

  describe('beside another one with another folder', () => {
    let one: Start;
    let two: Start;

    beforeAll(async () => {
      one = start('--data-dir', path.join(dataDir, 'one'));
      await one.ready;
      two = start('--data-dir', path.join(dataDir, 'two'));
      await two.ready;
    });

    afterAll(stopAll);

    it('runs', async () => {
      const both = await Promise.all([one.ready, two.ready]);

      expect(both[1].listenerUrl).not.toBe(both[0].listenerUrl);
      expect(both[1].executorUrl).not.toBe(both[0].executorUrl);
      for (const ready of both) {
        const answer = await sendStructured(
          ready.listenerUrl,
          sampleEvent(ready.workflowId),
          ready,
        );
        expect(answer.status).toBe(202);
      }
    });

    it.each(['SIGINT', 'SIGHUP'] as const)(
      'stops everything on %s, even when it comes twice',
      (signal) => expectEverythingToStop(signal === 'SIGINT' ? one : two, signal),
    );
  });

  describe('once', () => {
    afterEach(stopAll);

    it('stops everything and shows the last lines of the log when a part dies', async () => {
      const { child, ready, complained } = start('--data-dir', path.join(dataDir, 'dies'));
      const { pids } = await ready;

      process.kill(pids.listener ?? 0, 'SIGKILL');

      expect(await exitCode(child)).toBe(1);
      expect(await complained).toMatch(/listener ended with SIGKILL.*listener\.log:\n/s);
      expect(Object.values(pids).filter(isRunning)).toEqual([]);
    });

    it('needs no NATS with --driver http', async () => {
      const folder = path.join(dataDir, 'http');
      const ready = await start('--data-dir', folder, '--driver', 'http').ready;

      expect(ready).toMatchObject({ natsUrl: null, pids: { nats: null } });
      const answer = await sendStructured(ready.listenerUrl, sampleEvent(ready.workflowId), ready);
      const activityid = activityIdIn(answer);
      const api = new FlowApi(ready.executorUrl, ready.adminToken);
      expect(await api.untilFinal(activityid)).toMatchObject({ status: 'succeeded' });
    });

    it('names the port that it was told to use and that is in use', async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as { readonly port: number };

      const refused = start('--data-dir', path.join(dataDir, 'port'), '--port', String(port));

      expect(await exitCode(refused.child)).toBe(1);
      expect(await refused.complained).toContain(`Port ${port} is taken`);
      server.close();
    });
  });

  it.each(['tools/start.mjs', 'tools/activity.mjs'])(
    '%s prints its options with --help',
    async (tool) => {
      const help = await run(tool, '--help');

      expect(help).toMatchObject({ code: 0, complained: '' });
      expect(help.printed).toContain('--data-dir');
    },
  );

  it('refuses an option that it does not know', async () => {
    const refused = await run('tools/start.mjs', '--datadir', dataDir);

    expect(refused).toMatchObject({ code: 2, printed: '' });
    expect(refused.complained).toContain('--datadir');
  });
});

async function expectEverythingToStop(
  { child, ready, printed }: Start,
  signal: NodeJS.Signals,
): Promise<void> {
  const { pids } = await ready;

  child.kill(signal);
  child.kill(signal);

  expect(await exitCode(child)).toBe(0);
  expect(Object.values(pids).filter(isRunning)).toEqual([]);
  expect((await printed).trimEnd().split('\n')).toHaveLength(1);
}

function isRunning(pid: number | null): boolean {
  return pid !== null && isAlive(pid);
}
