import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { projectRoot } from '../../tools/project/project-root.mjs';

/** What `--json` prints. */
export interface Ready {
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
export interface Start {
  readonly child: ChildProcess;
  readonly printed: Promise<string>;
  readonly complained: Promise<string>;
  /** What it printed when it was ready; rejects if it ends before. */
  readonly ready: Promise<Ready>;
}

const starts: ChildProcess[] = [];

/** Starts it; `stopAll` stops it, if a test has not. */
export function start(...args: string[]): Start {
  const child = spawn(process.execPath, ['tools/start.mjs', '--json', ...args], {
    cwd: projectRoot,
  });
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

/** A script of the project, until it has ended. */
export async function run(
  script: string,
  ...args: string[]
): Promise<{
  readonly code: number | null;
  readonly printed: string;
  readonly complained: string;
}> {
  const child = spawn(process.execPath, [script, ...args], { cwd: projectRoot });
  const [printed, complained, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    exitCode(child),
  ]);
  return { code, printed, complained };
}

/** Whatever a test that failed has left running. */
export async function stopAll(): Promise<void> {
  await Promise.all(starts.splice(0).map(stop));
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  await exitCode(child);
}

export async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}
