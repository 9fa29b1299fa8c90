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
 * Where everything is, once it runs.
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
 * Starts the whole system, keeps it running until it is told to stop or a part of it ends by itself,
 * and stops it: the ingress first, the data last.
 *
 * @param {import('./options.mjs').StartOptions} options
 * @param {AbortSignal} stop
 * @param {(system: System) => void} whenReady
 * @returns {Promise<void>} rejects, once everything has stopped, if it had to stop by itself
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
  // What another MongoDB has may be encrypted with another key: that is up to whoever names one.
  const secretsKey = options.mongodbUrl === undefined ? saved.secretsKey : undefined;
  // Before anything is told to anybody: a crash further down must not make them up again.
  saveStart(folder, saved);
  const ports = await choosePorts(options);
  say('Starting MongoDB and NATS ...');
  const backends = await startBackends(options, folder, parts, stop);
  say('Starting the executor and the listener ...');
  const settings = { ...backends, driver: options.driver, internalSecret, adminToken, secretsKey };
  const urls = await startApps(ports, settings, folder, parts, stop);
  const sample = await ensureSample(new ApiClient(urls.executorUrl, adminToken), saved.sample);
  saveStart(folder, { ...saved, executorUrl: urls.executorUrl, sample });
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
