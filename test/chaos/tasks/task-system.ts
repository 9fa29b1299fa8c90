import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import process, { env as inherited } from 'node:process';
import { promisify } from 'node:util';
import { projectRoot } from '../../../tools/project/project-root.mjs';
import { waitFor } from '../../../tools/project/wait-for.mjs';
import { RestartableServer } from '../../../tools/servers/restartable-server.mjs';
import { ServerProcess } from '../../../tools/servers/server-process.mjs';
import { FlowSystem } from '../../support/flow-system.js';
import { QUEUE } from './task-workflows.js';

const WORKERS = 2;
const SECRETS_KEY = 'a key of at least thirty-two characters';
const WORKER_LEASE_MS = '1500';
/** Shorter than in production, so that a run has many recoveries. */
const EXECUTOR_ENV = {
  LEASE_MS: '2000',
  SWEEP_INTERVAL_MS: '100',
  NATS_ACK_WAIT_MS: '2000',
  WORKER_LEASE_MS,
};

/** Two executors and two workers, each of which may be killed, on servers that are never killed. */
export class TaskSystem {
  private constructor(
    readonly flow: FlowSystem,
    readonly workers: readonly RestartableServer[],
    private readonly sdk: string,
  ) {}

  /** @param executorEnv more of each executor */
  static async start(
    targetUrl: string,
    executorEnv: Readonly<Record<string, string>> = {},
  ): Promise<TaskSystem> {
    // One of its own: another test may be building the package at this moment.
    const sdk = path.join(projectRoot, '.cache', `worker-sdk-${randomUUID()}`);
    const compiler = path.join(projectRoot, 'node_modules/typescript/bin/tsc');
    const project = path.join(projectRoot, 'packages/worker-sdk/tsconfig.json');
    await promisify(execFile)(process.execPath, [compiler, '-p', project, '--outDir', sdk]);
    const flow = await FlowSystem.start({
      executors: 2,
      executorEnv: { ...EXECUTOR_ENV, ...executorEnv },
      envOfEach: () => ({ SECRETS_KEY }),
    });
    const workers: RestartableServer[] = [];
    for (let nth = 1; nth <= WORKERS; nth += 1) {
      const args = [sdk, flow.natsUrl ?? '', QUEUE, targetUrl];
      workers.push(await RestartableServer.start(() => startWorker(`worker-${nth}`, args, sdk), 0));
    }
    return new TaskSystem(flow, workers, sdk);
  }

  /** What is killed, by name. */
  get victims(): readonly (readonly [string, RestartableServer])[] {
    return [
      ...this.flow.executors.map((one, at) => [`executor-${at + 1}`, one] as const),
      ...this.workers.map((one, at) => [`worker-${at + 1}`, one] as const),
    ];
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.kill()));
    await this.flow.stop();
    await rm(this.sdk, { recursive: true, force: true });
  }
}

async function startWorker(
  name: string,
  args: readonly string[],
  folder: string,
): Promise<{ readonly process: ServerProcess; readonly port: number }> {
  const program = path.join(projectRoot, 'tools/chaos/worker.mjs');
  const worker = new ServerProcess({
    name,
    command: process.execPath,
    args: [program, ...args],
    env: { ...inherited, WORKER_LEASE_MS },
    logFile: path.join(folder, `${name}.log`),
  });
  await waitFor(`${name} to be ready`, () => {
    if (!worker.isRunning) throw worker.failure('ended');
    return worker.printed().includes('ready') ? true : undefined;
  });
  return { process: worker, port: 0 };
}
