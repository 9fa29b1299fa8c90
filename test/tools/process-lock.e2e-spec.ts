import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { tryLock, withLock } from '../../tools/project/process-lock.mjs';

const LOCK_MODULE = fileURLToPath(new URL('../../tools/project/process-lock.mjs', import.meta.url));

let folder: string;
let file: string;
const others: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flow-eventing-lock-'));
  file = path.join(folder, 'lock');
});

afterEach(async () => {
  await Promise.all(others.splice(0).map(kill));
  rmSync(folder, { recursive: true });
});

describe(tryLock.name, () => {
  it('names the live process that has it', async () => {
    const other = await lockInAnotherProcess();

    expect(tryLock(file)).toEqual({ heldBy: other.pid });
  });

  it('takes over from a process that was killed', async () => {
    await kill(await lockInAnotherProcess());

    expect(tryLock(file)).toHaveProperty('release');
  });

  it('takes over from an earlier process that had the id of a live one', () => {
    writeFileSync(file, JSON.stringify({ pid: process.ppid, identity: 'started long ago' }));

    expect(tryLock(file)).toHaveProperty('release');
  });

  it('takes over a lock without content', () => {
    writeFileSync(file, '');

    expect(tryLock(file)).toHaveProperty('release');
  });

  it('is free again after its release', () => {
    const lock = tryLock(file);
    expect(tryLock(file)).toEqual({ heldBy: process.pid });

    if ('release' in lock) lock.release();

    expect(tryLock(file)).toHaveProperty('release');
  });
});

describe(withLock.name, () => {
  it('runs its functions one after the other', async () => {
    const seen: string[] = [];
    const work = async (name: string): Promise<void> => {
      seen.push(`${name} begins`);
      await new Promise(setImmediate);
      seen.push(`${name} ends`);
    };

    await Promise.all(['a', 'b'].map((name) => withLock(file, 'tests', () => work(name))));

    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('is free again after a failure', async () => {
    await expect(
      withLock(file, 'tests', () => Promise.reject(new Error('no luck'))),
    ).rejects.toThrow('no luck');

    expect(tryLock(file)).toHaveProperty('release');
  });
});

async function lockInAnotherProcess(): Promise<ChildProcess> {
  const script = `
    const { tryLock } = await import(${JSON.stringify(LOCK_MODULE)});
    tryLock(${JSON.stringify(file)});
    process.stdout.write('locked');
    setInterval(() => {}, 1000);`;
  const other = spawn(process.execPath, ['--input-type=module', '-e', script]);
  others.push(other);
  await once(other.stdout, 'data');
  return other;
}

async function kill(other: ChildProcess): Promise<void> {
  if (other.exitCode !== null || other.signalCode !== null) return;
  other.kill('SIGKILL');
  await once(other, 'exit');
}
