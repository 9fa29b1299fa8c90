import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { env as inherited } from 'node:process';
import { promisify } from 'node:util';
import { waitFor } from '../../tools/project/wait-for.mjs';

const run = promisify(execFile);
const WORKER = path.resolve(import.meta.dirname, '../workers/worker.py');

/** Once for all runs on a machine; pip knows where from. */
const PACKAGES = path.join(tmpdir(), 'flow-eventing-nats-py-2.16');

/** Installs what the worker imports. */
export async function installNatsPy(): Promise<void> {
  if (existsSync(path.join(PACKAGES, 'nats'))) return;
  const to = ['--quiet', '--no-deps', '--target', PACKAGES];
  await run('python3', ['-m', 'pip', 'install', ...to, 'nats-py==2.16.0']);
}

/** The worker in Python, as a process. */
export class PythonWorker {
  #output = '';

  private constructor(private readonly process: ChildProcess) {
    const hear = (chunk: Buffer): void => void (this.#output += chunk.toString());
    process.stdout?.on('data', hear);
    process.stderr?.on('data', hear);
  }

  /** Resolves when it asks for tasks. */
  static async start(env: Readonly<Record<string, string>>): Promise<PythonWorker> {
    const child = spawn('python3', [WORKER], {
      env: { ...inherited, PYTHONPATH: PACKAGES, ...env },
    });
    const worker = new PythonWorker(child);
    await worker.said('ready');
    return worker;
  }

  async said(words: string): Promise<void> {
    await waitFor(`the worker to say "${words}"`, () => {
      if (this.process.exitCode !== null) throw new Error(`It ended: ${this.#output}`);
      return this.#output.includes(words) ? true : undefined;
    });
  }

  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGKILL');
    await ended;
  }
}
