import path from 'node:path';
import { findServerBinary } from './server-binary.mjs';
import { mongodBinary } from './mongod-binary.mjs';
import { mongodbUrl, startMongod } from './mongod.mjs';
import { natsServerBinary } from './nats-server-binary.mjs';
import { natsUrl, startNatsServer } from './nats-server.mjs';

/**
 * @typedef {object} Servers
 * @property {import('./restartable-server.mjs').RestartableServer} mongod
 * @property {import('./restartable-server.mjs').RestartableServer} nats
 * @property {string} mongodbUrl without a database
 * @property {string} natsUrl
 * @property {() => Promise<void>} stop
 */

/**
 * Starts a mongod and a nats-server, with their data in one folder.
 *
 * @param {object} options
 * @param {string} options.dataDir
 * @param {Readonly<Record<string, number>>} [options.mongodParameters]
 * @param {AbortSignal} [options.signal]
 * @returns {Promise<Servers>}
 */
export async function startServers({ dataDir, mongodParameters, signal }) {
  const mongodProgram = await findServerBinary(mongodBinary, signal);
  const natsProgram = await findServerBinary(natsServerBinary, signal);
  const starts = await Promise.allSettled([
    startMongod({
      binary: mongodProgram,
      dataDir: path.join(dataDir, 'mongod'),
      ...(mongodParameters && { parameters: mongodParameters }),
      ...(signal && { signal }),
    }),
    startNatsServer({
      binary: natsProgram,
      dataDir: path.join(dataDir, 'nats'),
      ...(signal && { signal }),
    }),
  ]);
  const [mongod, nats] = starts;
  if (mongod.status === 'fulfilled' && nats.status === 'fulfilled') {
    return {
      mongod: mongod.value,
      nats: nats.value,
      mongodbUrl: mongodbUrl(mongod.value.port),
      natsUrl: natsUrl(nats.value.port),
      stop: async () => {
        await nats.value.stop();
        await mongod.value.stop();
      },
    };
  }
  for (const start of starts) if (start.status === 'fulfilled') await start.value.stop();
  throw starts.find((start) => start.status === 'rejected')?.reason;
}
