import { say } from '../project/say.mjs';
import { ApiClient } from './api-client.mjs';
import { choosePorts } from './choose-ports.mjs';
import { takeDataFolder } from './data-folder.mjs';
import { RunningParts } from './running-parts.mjs';
import { ensureSample } from './sample.mjs';
import { loadStart, saveStart } from './saved-start.mjs';
import { startApps } from './start-apps.mjs';
import { startBackends } from './start-backends.mjs';

/**
 * Addresses, tokens and process ids of a running system.
 *
 * @typedef {object} System
 * @property {string} dataFolder
 * @property {string} listenerUrl
 * @property {string} executorUrl
 * @property {string} listenerOperationsUrl metrics and health
 * @property {string} executorOperationsUrl
 * @property {string} mongodbUrl with the database
 * @property {string | undefined} natsUrl
 * @property {string} workflowId of the sample
 * @property {string} token of the sample
 * @property {string} adminToken
 * @property {boolean} isFirstStart
 * @property {Record<import('./running-parts.mjs').PartName, number | null>} pids
 */

/**
 * Starts the system, and stops it when `stop` is aborted or a part ends by itself. The listener is stopped first, the
 * stores last.
 *
 * @param {import('./options.mjs').StartOptions} options
 * @param {AbortSignal} stop
 * @param {(system: System) => void} whenReady
 * @returns {Promise<void>} rejects, after everything has stopped, if a part ended by itself
 */
export async function runSystem(options, stop, whenReady) {
  const data = takeDataFolder(options.dataDir);
  const parts = new RunningParts();
  try {
    whenReady(await startSystem(options, data.folder, parts, stop));
    await parts.untilOneEnds(stop);
  } finally {
    await parts.stop();
    data.release();
  }
}

/**
 * @param {import('./options.mjs').StartOptions} options
 * @param {string} folder
 * @param {RunningParts} parts
 * @param {AbortSignal} stop
 * @returns {Promise<System>}
 */
async function startSystem(options, folder, parts, stop) {
  const saved = loadStart(folder);
  const { adminToken, internalSecret } = saved;
  // A MongoDB of the user may have secrets of another key, so it gets none from here.
  const secretsKey = options.mongodbUrl === undefined ? saved.secretsKey : undefined;
  // The secrets are saved before they are used, so that a crash does not lead to new ones.
  saveStart(folder, saved);
  const ports = await choosePorts(options, saved.storePorts);
  say('Starting MongoDB and NATS ...');
  const { storePorts, ...backends } = await startBackends(options, ports, folder, parts, stop);
  say('Starting the executor and the listener ...');
  const settings = { ...backends, driver: options.driver, internalSecret, adminToken, secretsKey };
  const urls = await startApps(ports, settings, folder, parts, stop);
  const sample = await ensureSample(new ApiClient(urls.executorUrl, adminToken), saved.sample);
  saveStart(folder, { ...saved, executorUrl: urls.executorUrl, storePorts, sample });
  return {
    dataFolder: folder,
    ...urls,
    ...backends,
    workflowId: sample.workflowId,
    token: sample.token,
    adminToken,
    isFirstStart: saved.sample === undefined,
    pids: {
      listener: parts.pidOf('listener'),
      executor: parts.pidOf('executor'),
      mongod: parts.pidOf('mongod'),
      nats: parts.pidOf('nats'),
    },
  };
}
