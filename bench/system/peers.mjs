import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { say } from '../../tools/project/say.mjs';
import { startService } from './service.mjs';
import { JSON_EVENT } from './target.mjs';

const FOLDER = fileURLToPath(new URL('../peers/', import.meta.url));

/** The compared products are installed only for this measurement. */
export function installPeers() {
  say('Installing bench/peers ...');
  const args = [
    'install',
    '--prefix',
    FOLDER,
    '--no-package-lock',
    '--ignore-scripts',
    '--no-audit',
  ];
  const { status } = spawnSync('npm', args, { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('npm could not install what bench/peers/package.json names');
}

/**
 * BullMQ in its usual form: one process that takes events over HTTP and adds jobs, another that
 * works on them.
 *
 * @param {string} name
 * @param {{ port: number, pid: number }} redis
 * @param {boolean} savesSteps
 * @param {string} folder
 * @returns {Promise<import('./target.mjs').CompletingTarget>}
 */
export async function startBullMq(name, redis, savesSteps, folder) {
  const start = (/** @type {'ingress' | 'worker'} */ role) =>
    startService({
      name: `${name}-${role}`,
      script: `${FOLDER}bullmq-${role}.mjs`,
      env: () => ({
        REDIS_PORT: String(redis.port),
        QUEUE: name,
        SAVE_STEPS: savesSteps ? '1' : '0',
      }),
      folder,
    });
  const ingress = await start('ingress');
  const worker = await start('worker');
  return {
    url: `${ingress.url}/event`,
    headers: JSON_EVENT,
    workflowId: 'bare',
    pids: { ingress: ingress.pid, worker: worker.pid, redis: redis.pid },
    completed: async () => {
      /** @type {unknown} */
      const answer = await (await fetch(`${worker.url}/completed`)).json();
      return /** @type {{ completed: number }} */ (answer).completed;
    },
    stop: async () => {
      await ingress.stop();
      await worker.stop();
    },
  };
}
