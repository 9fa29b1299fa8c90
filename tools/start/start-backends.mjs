import path from 'node:path';
import { mongodBinary } from '../servers/mongod-binary.mjs';
import { mongodbUrl, startMongod } from '../servers/mongod.mjs';
import { natsServerBinary } from '../servers/nats-server-binary.mjs';
import { natsUrl, startNatsServer } from '../servers/nats-server.mjs';
import { findServerBinary } from '../servers/server-binary.mjs';

const DATABASE = 'flow_eventing';

/**
 * @typedef {object} Backends
 * @property {string} mongodbUrl with the database
 * @property {string | undefined} natsUrl undefined if the system does without
 */

/**
 * MongoDB and NATS: those that the options name, else new ones.
 *
 * @param {import('./options.mjs').StartOptions} options
 * @param {string} folder
 * @param {import('./running-parts.mjs').RunningParts} parts
 * @param {AbortSignal} signal
 * @returns {Promise<Backends>}
 */
export async function startBackends(options, folder, parts, signal) {
  return {
    mongodbUrl:
      options.mongodbUrl === undefined
        ? await startOwnMongod(path.join(folder, 'mongod'), parts, signal)
        : withDatabase(options.mongodbUrl),
    natsUrl:
      options.natsUrl === undefined && options.driver === 'nats'
        ? await startOwnNats(path.join(folder, 'nats'), parts, signal)
        : options.natsUrl,
  };
}

/**
 * @param {string} url
 * @returns {string} with our usual database if it names none
 */
export function withDatabase(url) {
  return url.replace(/^([^/]+\/\/[^/?]+)\/?(\?|$)/, `$1/${DATABASE}$2`);
}

/**
 * @param {string} dataDir
 * @param {import('./running-parts.mjs').RunningParts} parts
 * @param {AbortSignal} signal
 */
async function startOwnMongod(dataDir, parts, signal) {
  const binary = await findServerBinary(mongodBinary, signal);
  const mongod = await startMongod({ binary, dataDir, signal });
  parts.add('mongod', mongod);
  return mongodbUrl(mongod.port, DATABASE);
}

/**
 * @param {string} dataDir
 * @param {import('./running-parts.mjs').RunningParts} parts
 * @param {AbortSignal} signal
 */
async function startOwnNats(dataDir, parts, signal) {
  const binary = await findServerBinary(natsServerBinary, signal);
  const nats = await startNatsServer({ binary, dataDir, signal });
  parts.add('nats', nats);
  return natsUrl(nats.port);
}
