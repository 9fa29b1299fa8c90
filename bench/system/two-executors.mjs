import { randomBytes } from 'node:crypto';
import { builtApp } from '../../tools/project/build.mjs';
import { ApiClient } from '../../tools/start/api-client.mjs';
import {
  executorSettings,
  listenerSettings,
  nodeSettings,
} from '../../tools/start/app-settings.mjs';
import { startService } from './service.mjs';

export const DATABASE = 'flow';

/**
 * A listener and two executors, as they are built, with the settings of V8 that `npm start` uses.
 *
 * @typedef {object} TwoExecutors
 * @property {string} listenerUrl
 * @property {readonly [ApiClient, ApiClient]} apis of each executor; the listener knows the first
 * @property {Readonly<Record<string, number>>} pids
 * @property {() => Promise<void>} stop
 *
 * @param {import('./backends.mjs').Backends} backends
 * @param {object} how
 * @param {'nats' | 'http'} how.driver
 * @param {string} how.folder for the logs
 * @param {Record<string, string>} how.executorEnv more environment variables of both
 * @param {string} [how.profileFolder] where their CPU profiles go when they end
 * @returns {Promise<TwoExecutors>} when all are ready
 */
export async function startTwoExecutors(backends, { driver, folder, executorEnv, profileFolder }) {
  const settings = {
    mongodbUrl: backends.mongodbUrl(DATABASE),
    natsUrl: driver === 'nats' ? backends.natsUrl : undefined,
    driver,
    internalSecret: randomBytes(32).toString('hex'),
    adminToken: randomBytes(32).toString('hex'),
  };
  const executor = (/** @type {string} */ name) =>
    startService({
      name,
      script: builtApp('workflow-executor'),
      env: (url) => ({ ...nodeSettings(), ...executorSettings(settings, url), ...executorEnv }),
      folder,
      operations: true,
      ...(profileFolder !== undefined && { profileFolder }),
    });
  const [first, second] = [await executor('executor-1'), await executor('executor-2')];
  const listener = await startService({
    name: 'listener',
    script: builtApp('listener'),
    env: () => ({ ...nodeSettings(), ...listenerSettings(settings, first.url) }),
    folder,
    operations: true,
  });
  const apiOf = (/** @type {string} */ url) => new ApiClient(url, settings.adminToken);
  return {
    listenerUrl: listener.url,
    apis: [apiOf(first.url), apiOf(second.url)],
    pids: { listener: listener.pid, 'executor-1': first.pid, 'executor-2': second.pid },
    stop: async () => {
      for (const service of [listener, second, first]) await service.stop();
    },
  };
}

/**
 * @param {ApiClient} api
 * @param {{ readonly id: string, readonly [member: string]: unknown }} workflow
 */
export async function createWorkflow(api, workflow) {
  await api.post('/api/v2/workflows', workflow);
  const issued = await api.post(`/api/v2/workflows/${workflow.id}/tokens`, { label: 'bench' });
  return { id: workflow.id, token: /** @type {{ token: string }} */ (issued).token };
}

/**
 * A workflow of one call between start and end.
 *
 * @param {string} id
 * @param {string} url that it calls
 */
export function callingWorkflow(id, url) {
  return {
    id,
    name: id,
    triggers: { event: { enabled: true } },
    tasks: [
      { name: 'start', type: 'start' },
      {
        name: 'call',
        type: 'http',
        dependencies: [{ taskRef: 'start' }],
        params: [{ name: 'url', value: url }],
      },
      { name: 'end', type: 'end', dependencies: [{ taskRef: 'call' }] },
    ],
  };
}
