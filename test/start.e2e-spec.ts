import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { isAlive } from '../tools/project/process-life.mjs';
import { waitFor } from '../tools/project/wait-for.mjs';
import { activityIdIn, ask } from './support/answer.js';
import { FlowApi } from './support/flow-api.js';
import { sampleEvent } from './support/sample-event.js';
import { sendStructured } from './support/send.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What `--json` prints. */
interface Ready {
  readonly listenerUrl: string;
  readonly executorUrl: string;
  readonly mongodbUrl: string;
  readonly natsUrl: string | null;
  readonly workflowId: string;
  readonly token: string;
  readonly adminToken: string;
  readonly pids: Readonly<Record<'listener' | 'executor' | 'mongod' | 'nats', number | null>>;
}

/** `npm start -- --json` in a process of its own. */
interface Start {
  readonly child: ChildProcess;
  readonly printed: Promise<string>;
  readonly complained: Promise<string>;
  /** What it printed when it was ready; rejects if it ends before. */
  readonly ready: Promise<Ready>;
}

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
const starts: ChildProcess[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'flow-eventing-start-'));
});

afterEach(async () => {
  await Promise.all(starts.splice(0).map(stop));
  await rm(dataDir, { recursive: true, force: true });
});

describe('npm start', () => {
  it('runs the sample event, shows it task by task, and keeps everything over a restart', async () => {
    const first = start('--data-dir', dataDir);
    const before = await first.ready;

    const answer = await sendStructured(before.listenerUrl, sampleEvent(before.workflowId), before);

    expect(answer.status).toBe(202);
    const activityid = activityIdIn(answer);
    const shown = await run('tools/activity.mjs', activityid, '--data-dir', dataDir);
    expect(shown.complained).toBe('');
    expect(shown.printed).toMatch(/^Workflow "hello" succeeded/);
    expect(shown.printed).toMatch(/greet +succeeded/);
    expect(shown.printed).toMatch(/celebrate +succeeded/);
    expect(shown.printed).toMatch(/look into it +skipped/);
    expect(shown.printed).toMatch(/greeting +"Hello, value!"/);
    const activity = await new FlowApi(before.executorUrl, before.adminToken).activity(activityid);
    expect(await askForSecrets(before, { name: 'kept', value: 'a secret value' })).toBe(200);
    await stop(first.child);

    const after = await start('--data-dir', dataDir).ready;

    const { workflowId, token, adminToken } = before;
    expect(after).toMatchObject({ workflowId, token, adminToken });
    const apiAfter = new FlowApi(after.executorUrl, after.adminToken);
    expect(await apiAfter.activity(activityid)).toEqual(activity);
    // The same key: with another one it would not have started.
    expect(await askForSecrets(after, { name: 'kept', value: 'another value' })).toBe(200);
  });

  it('runs beside another one with another folder', async () => {
    const one = await start('--data-dir', path.join(dataDir, 'one')).ready;
    const two = await start('--data-dir', path.join(dataDir, 'two')).ready;

    expect(two.listenerUrl).not.toBe(one.listenerUrl);
    expect(two.executorUrl).not.toBe(one.executorUrl);
    for (const ready of [one, two]) {
      const answer = await sendStructured(ready.listenerUrl, sampleEvent(ready.workflowId), ready);
      expect(answer.status).toBe(202);
    }
  });

  it('names the process that uses its folder, and other users cannot read its tokens', async () => {
    const first = start('--data-dir', dataDir);
    await first.ready;

    const second = start('--data-dir', dataDir);

    expect(await exitCode(second.child)).toBe(1);
    expect(await second.complained).toContain(`process ${first.child.pid ?? ''} `);
    expect(await second.complained).toContain('--data-dir');
    const { mode } = await stat(path.join(dataDir, 'start.json'));
    expect(mode & 0o077).toBe(0);
  });

  it('names the port that it was told to use and that is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { readonly port: number };

    const refused = start('--data-dir', dataDir, '--port', String(port));

    expect(await exitCode(refused.child)).toBe(1);
    expect(await refused.complained).toContain(`Port ${port} is taken`);
    server.close();
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'stops everything on %s, even when it comes twice',
    async (signal) => {
      const { child, ready, printed } = start('--data-dir', dataDir);
      const { pids } = await ready;

      child.kill(signal);
      child.kill(signal);

      expect(await exitCode(child)).toBe(0);
      expect(Object.values(pids).filter(isRunning)).toEqual([]);
      expect((await printed).trimEnd().split('\n')).toHaveLength(1);
    },
  );

  it('leaves no process behind when it is killed', async () => {
    const { child, ready } = start('--data-dir', dataDir);
    const { pids } = await ready;

    child.kill('SIGKILL');

    await waitFor('the end of all processes', () =>
      Object.values(pids).some(isRunning) ? undefined : true,
    );
  });

  it('stops everything and shows the last lines of the log when a part dies', async () => {
    const { child, ready, complained } = start('--data-dir', dataDir);
    const { pids } = await ready;

    process.kill(pids.listener ?? 0, 'SIGKILL');

    expect(await exitCode(child)).toBe(1);
    expect(await complained).toMatch(/listener ended with SIGKILL.*listener\.log:\n/s);
    expect(Object.values(pids).filter(isRunning)).toEqual([]);
  });

  it('needs no NATS with --driver http', async () => {
    const ready = await start('--data-dir', dataDir, '--driver', 'http').ready;

    expect(ready).toMatchObject({ natsUrl: null, pids: { nats: null } });
    const answer = await sendStructured(ready.listenerUrl, sampleEvent(ready.workflowId), ready);
    const activityid = activityIdIn(answer);
    const api = new FlowApi(ready.executorUrl, ready.adminToken);
    expect(await api.untilFinal(activityid)).toMatchObject({ status: 'succeeded' });
  });

  it('prints its options with --help', async () => {
    const help = await run('tools/start.mjs', '--help');

    expect(help).toMatchObject({ code: 0, complained: '' });
    expect(help.printed).toContain('--data-dir');
  });

  it('refuses an option that it does not know', async () => {
    const refused = await run('tools/start.mjs', '--datadir', dataDir);

    expect(refused).toMatchObject({ code: 2, printed: '' });
    expect(refused.complained).toContain('--datadir');
  });
});

function start(...args: string[]): Start {
  const child = spawn(process.execPath, ['tools/start.mjs', '--json', ...args], { cwd: ROOT });
  starts.push(child);
  const complained = text(child.stderr);
  let soFar = '';
  const ready = new Promise<Ready>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      soFar += chunk.toString();
      if (soFar.endsWith('\n')) resolve(JSON.parse(soFar) as Ready);
    });
    child.once('close', () => {
      void complained.then((why) => {
        reject(new Error(`npm start ended before it was ready: ${why}`));
      });
    });
  });
  // Where a test expects it to fail, nobody waits for this.
  ready.catch(() => undefined);
  const printed = once(child, 'close').then(() => soFar);
  return { child, printed, complained, ready };
}

async function run(
  script: string,
  ...args: string[]
): Promise<{
  readonly code: number | null;
  readonly printed: string;
  readonly complained: string;
}> {
  const child = spawn(process.execPath, [script, ...args], { cwd: ROOT });
  const [printed, complained, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    exitCode(child),
  ]);
  return { code, printed, complained };
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  await exitCode(child);
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

function isRunning(pid: number | null): boolean {
  return pid !== null && isAlive(pid);
}
