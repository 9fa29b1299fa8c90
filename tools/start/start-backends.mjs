import path from 'node:path';
import { mongodBinary } from '../servers/mongod-binary.mjs';
import { mongodbUrl, startMongod } from '../servers/mongod.mjs';
import { natsServerBinary } from '../servers/nats-server-binary.mjs';
import { natsUrl, startNatsServer } from '../servers/nats-server.mjs';
import { findServerBinary } from '../servers/server-binary.mjs';
import { startTogether } from '../servers/start-together.mjs';

const DATABASE = 'flow_eventing';

/**
 * @typedef {object} Backends
 * @property {string} mongodbUrl with the database
 * @property {string | undefined} natsUrl undefined without NATS
 * @property {import('./saved-start.mjs').StorePorts} storePorts of the servers that were started here
 */

/**
 * MongoDB and NATS: the servers of the options, otherwise servers started here.
 *
 * @param {import('./options.mjs').StartOptions} options
 * @param {Pick<import('./choose-ports.mjs').Ports, 'mongodb' | 'nats'>} ports
 * @param {string} folder
 * @param {import('./running-parts.mjs').RunningParts} parts
 * @param {AbortSignal} signal
 * @returns {Promise<Backends>}
 */
export async function startBackends(
  { mongodbUrl: mongodb, natsUrl: nats, driver },
  ports,
  folder,
  parts,
  signal,
) {
  const isNatsOurs = nats === undefined && driver === 'nats';
  const [ownMongod, ownNats] = await startTogether(
    /** @type {const} */ ([
      async (/** @type {AbortSignal} */ stop) =>
        mongodb === undefined
          ? startOwnMongod(path.join(folder, 'mongod'), ports.mongodb, stop)
          : undefined,
      async (/** @type {AbortSignal} */ stop) =>
        isNatsOurs ? startOwnNats(path.join(folder, 'nats'), ports.nats, stop) : undefined,
    ]),
    signal,
  );
  if (ownMongod) parts.add('mongod', ownMongod);
  if (ownNats) parts.add('nats', ownNats);
  return {
    mongodbUrl: ownMongod ? mongodbUrl(ownMongod.port, DATABASE) : withDatabase(mongodb ?? ''),
    natsUrl: ownNats ? natsUrl(ownNats.port) : nats,
    storePorts: {
      ...(ownMongod && { mongodb: ownMongod.port }),
      ...(ownNats && { nats: ownNats.port }),
    },
  };
}

/**
 * @param {string} url
 * @returns {string} with the default database if the URL names none
 */
export function withDatabase(url) {
  return url.replace(/^([^/]+\/\/[^/?]+)\/?(\?|$)/, `$1/${DATABASE}$2`);
}

/**
 * @param {string} dataDir
 * @param {number | undefined} port
 * @param {AbortSignal} signal
 */
async function startOwnMongod(dataDir, port, signal) {
  const binary = await findServerBinary(mongodBinary, signal);
  return startMongod({ binary, dataDir, signal, ...(port !== undefined && { port }) });
}

/**
 * @param {string} dataDir
 * @param {number | undefined} port
 * @param {AbortSignal} signal
 */
async function startOwnNats(dataDir, port, signal) {
  const binary = await findServerBinary(natsServerBinary, signal);
  return startNatsServer({ binary, dataDir, signal, ...(port !== undefined && { port }) });
}
