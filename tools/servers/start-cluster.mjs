import { findServerBinary } from './server-binary.mjs';
import { mongodBinary } from './mongod-binary.mjs';
import { mongodReplicaSetUrl, startMongodReplicaSet } from './mongod-replica-set.mjs';
import { natsClusterUrl, natsMemberName, startNatsCluster } from './nats-cluster.mjs';
import { natsServerBinary } from './nats-server-binary.mjs';

/**
 * @typedef {object} Cluster
 * @property {readonly import('./restartable-server.mjs').RestartableServer[]} mongods
 * @property {readonly import('./restartable-server.mjs').RestartableServer[]} natsServers
 * @property {readonly { name: string, pid: number }[]} members all six
 * @property {string} mongodbUrl without a database
 * @property {string} natsUrl
 * @property {() => Promise<void>} stop
 */

/**
 * Starts three mongods and three nats-servers, with their data in one new folder. If one fails, all are stopped.
 *
 * @param {{ dataDir: string, signal?: AbortSignal }} options
 * @returns {Promise<Cluster>}
 */
export async function startCluster({ dataDir, signal }) {
  const mongodProgram = await findServerBinary(mongodBinary, signal);
  const natsProgram = await findServerBinary(natsServerBinary, signal);
  const where = { dataDir, ...(signal && { signal }) };
  const mongods = await startMongodReplicaSet({ binary: mongodProgram, ...where });
  const stopMongods = () => stopAll(mongods);
  const natsServers = await startNatsCluster({ binary: natsProgram, ...where }).catch(
    async (/** @type {unknown} */ error) => {
      await stopMongods();
      throw error;
    },
  );
  return {
    mongods,
    natsServers,
    members: [
      ...mongods.map(({ pid }, index) => ({ name: `mongod-${index + 1}`, pid })),
      ...natsServers.map(({ pid }, index) => ({ name: natsMemberName(index), pid })),
    ],
    mongodbUrl: mongodReplicaSetUrl(mongods),
    natsUrl: natsClusterUrl(natsServers),
    stop: async () => {
      await stopAll(natsServers);
      await stopMongods();
    },
  };
}

/** @param {readonly import('./restartable-server.mjs').RestartableServer[]} servers */
async function stopAll(servers) {
  await Promise.all(servers.map((server) => server.stop()));
}
