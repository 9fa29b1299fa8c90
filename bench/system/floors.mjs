import { fileURLToPath } from 'node:url';
import { startService } from './service.mjs';
import { JSON_EVENT } from './target.mjs';

const DATABASE = 'bare';

/**
 * One of the programs in `floors/`.
 *
 * @param {'bare-post' | 'publishing-post'} name
 * @param {import('./backends.mjs').Backends} backends
 * @param {string} folder
 * @returns {Promise<import('./target.mjs').Target>}
 */
export async function startFloor(name, backends, folder) {
  const { pids, ...floor } = await start(name, backends, folder);
  return { ...floor, pids: name === 'bare-post' ? { [name]: pids[name] ?? 0 } : pids };
}

/**
 * @param {import('./backends.mjs').Backends} backends
 * @param {string} folder
 * @returns {Promise<import('./target.mjs').ExecutingTarget>}
 */
export async function startBarePipeline(backends, folder) {
  const pipeline = await start('bare-pipeline', backends, folder);
  const completedUrl = new URL('/completed', pipeline.url);
  const database = backends.mongodb.db(DATABASE);
  return {
    ...pipeline,
    completed: async () => {
      /** @type {unknown} */
      const answer = await (await fetch(completedUrl)).json();
      return /** @type {{ completed: number }} */ (answer).completed;
    },
    activityIdOf: (eventId) => eventId,
    activities: database.collection('activities'),
    stop: async () => {
      await pipeline.stop();
      await database.dropDatabase();
    },
  };
}

/**
 * @param {string} name
 * @param {import('./backends.mjs').Backends} backends
 * @param {string} folder
 * @returns {Promise<import('./target.mjs').Target>}
 */
async function start(name, backends, folder) {
  const service = await startService({
    name,
    script: fileURLToPath(new URL(`../floors/${name}.mjs`, import.meta.url)),
    env: () => ({ MONGODB_URL: backends.mongodbUrl(DATABASE), NATS_URL: backends.natsUrl }),
    folder,
  });
  return {
    url: `${service.url}/event`,
    headers: JSON_EVENT,
    workflowId: 'bare',
    pids: { [name]: service.pid, ...backends.pids },
    stop: async () => {
      await service.stop();
    },
  };
}
