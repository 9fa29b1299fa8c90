import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { waitFor } from '../../tools/project/wait-for.mjs';
import { RestartableServer } from '../../tools/servers/restartable-server.mjs';
import { ServerProcess } from '../../tools/servers/server-process.mjs';
import { RunningParts } from '../../tools/start/running-parts.mjs';

/** Says when it is up, and writes down when it is told to end. */
const PROGRAM = `
  const { appendFileSync } = require('node:fs');
  const [name, file] = process.argv.slice(1);
  process.on('SIGTERM', () => { appendFileSync(file, name + ' ended\\n'); process.exit(0); });
  setInterval(() => {}, 1000);
  console.log('up');`;

let folder: string;
let parts: RunningParts;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flow-eventing-parts-'));
  parts = new RunningParts();
});

afterEach(async () => {
  await parts.stop();
  rmSync(folder, { recursive: true });
});

describe(RunningParts.name, () => {
  it('stops the listener first and the stores last', async () => {
    for (const name of ['mongod', 'nats', 'executor', 'listener'] as const) {
      parts.add(name, await runningServer(name));
    }

    await parts.stop();

    expect(readFileSync(path.join(folder, 'ends'), 'utf8').trim().split('\n')).toEqual([
      'listener ended',
      'executor ended',
      'nats ended',
      'mongod ended',
    ]);
  });

  it('notices that a part ends by itself, and shows what it printed last', async () => {
    const server = await runningServer('listener');
    parts.add('listener', server);
    const outcome = parts.untilOneEnds(new AbortController().signal);

    process.kill(server.pid, 'SIGKILL');

    await expect(outcome).rejects.toThrow(/listener ended with SIGKILL.*listener\.log:\nup/s);
  });

  it('has no process of a part that was not started here', () => {
    expect(parts.pidOf('nats')).toBeNull();
  });
});

async function runningServer(name: string): Promise<RestartableServer> {
  return RestartableServer.start(async () => {
    const server = new ServerProcess({
      name,
      command: process.execPath,
      args: ['-e', PROGRAM, name, path.join(folder, 'ends')],
      logFile: path.join(folder, `${name}.log`),
    });
    await waitFor('it to be up', () => (server.printed().includes('up') ? true : undefined));
    return { process: server, port: 0 };
  });
}
