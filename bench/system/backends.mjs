import path from 'node:path';
import mongoose from 'mongoose';
import { mongodBinary } from '../../tools/servers/mongod-binary.mjs';
import { mongodbUrl, startMongod } from '../../tools/servers/mongod.mjs';
import { natsServerBinary } from '../../tools/servers/nats-server-binary.mjs';
import { natsUrl, startNatsServer } from '../../tools/servers/nats-server.mjs';
import { freePort } from '../../tools/servers/free-port.mjs';
import { findServerBinary } from '../../tools/servers/server-binary.mjs';

/**
 * @typedef {object} Backends
 * @property {(database: string) => string} mongodbUrl
 * @property {import('mongoose').mongo.MongoClient} mongodb the bench's own connection
 * @property {string} natsUrl
 * @property {string} natsMonitor the monitoring endpoint of the server
 * @property {{ mongod: number, nats: number }} pids at the start
 * @property {Record<'mongodb' | 'nats', import('../../tools/servers/restartable-server.mjs').RestartableServer>} servers
 * @property {() => Promise<void>} stop
 */

/**
 * Starts a mongod and a nats-server for this bench only.
 *
 * @param {string} folder
 * @param {string} syncInterval JetStream's
 * @returns {Promise<Backends>}
 */
export async function startBackends(folder, syncInterval) {
  const mongod = await startMongod({
    binary: await findServerBinary(mongodBinary),
    dataDir: path.join(folder, 'mongod'),
  });
  const monitor = `127.0.0.1:${await freePort()}`;
  const nats = await startNatsServer({
    binary: await findServerBinary(natsServerBinary),
    dataDir: path.join(folder, 'nats'),
    syncInterval,
    config: { http: monitor },
  });
  const mongodb = await mongoose.mongo.MongoClient.connect(mongodbUrl(mongod.port));
  return {
    mongodbUrl: (database) => mongodbUrl(mongod.port, database),
    mongodb,
    natsUrl: natsUrl(nats.port),
    natsMonitor: `http://${monitor}`,
    servers: { mongodb: mongod, nats },
    pids: { mongod: mongod.pid, nats: nats.pid },
    stop: async () => {
      await mongodb.close();
      await nats.stop();
      await mongod.stop();
    },
  };
}
