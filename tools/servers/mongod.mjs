import { mkdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import mongoose from 'mongoose';
import { onFreePort } from './on-free-port.mjs';
import { RestartableServer } from './restartable-server.mjs';
import { ServerProcess } from './server-process.mjs';
import { mongodbTlsParameters } from './tls-files.mjs';
import { untilReady } from './until-ready.mjs';

export const REPLICA_SET = 'rs0';

/** mongod's exit code when it can't listen on its port. */
export const PORT_TAKEN = /ended with exit code 48/;

/**
 * A replica set of one member on the loopback interface. Majority writes and change streams work as with three members.
 *
 * @typedef {object} MongodOptions
 * @property {string} binary
 * @property {string} dataDir data and log; not deleted
 * @property {number} [port] the required port; without it, a free one
 * @property {Readonly<Record<string, number>>} [parameters] of the server, besides those set here
 * @property {import('./tls-files.mjs').TlsFiles} [tls] the server accepts only encrypted connections, of
 *   clients whose certificate it can verify
 * @property {AbortSignal} [signal] aborts the start
 */

/**
 * @param {MongodOptions} options
 * @returns {Promise<RestartableServer>} when it accepts writes
 */
export async function startMongod({ binary, dataDir, port, parameters, tls, signal }) {
  return RestartableServer.start((wanted) => {
    const launchOn = (/** @type {number} */ free) =>
      launchMongod(
        { binary, dataDir, port: free, ...(parameters && { parameters }), ...(tls && { tls }) },
        (pid, listening) => becomePrimary(pid, listening, tls),
        signal,
      );
    return wanted === undefined ? onFreePort(PORT_TAKEN, launchOn) : launchOn(wanted);
  }, port);
}

/**
 * @param {number} port
 * @param {string} [database]
 * @param {import('./tls-files.mjs').TlsFiles} [tls] of the client
 * @returns {string}
 */
export function mongodbUrl(port, database = '', tls) {
  const url = `mongodb://127.0.0.1:${port}/${database}?replicaSet=${REPLICA_SET}`;
  return tls === undefined ? url : `${url}&${mongodbTlsParameters(tls)}`;
}

/**
 * @param {Omit<MongodOptions, 'signal'> & { port: number }} options
 * @param {(pid: number, port: number) => Promise<true | undefined>} isReady
 * @param {AbortSignal} [signal]
 * @returns {Promise<import('./restartable-server.mjs').Started>} when it is ready
 */
export async function launchMongod({ binary, dataDir, port, parameters, tls }, isReady, signal) {
  const dbPath = path.join(dataDir, 'db');
  mkdirSync(dbPath, { recursive: true });
  const server = new ServerProcess({
    name: 'mongod',
    command: binary,
    args: [
      ...['--dbpath', dbPath, '--replSet', REPLICA_SET],
      ...['--bind_ip', '127.0.0.1', '--port', String(port)],
      ...['--wiredTigerCacheSizeGB', '0.5'],
      ...(tls === undefined ? [] : tlsArgs(tls)),
      ...parameterArgs({ diagnosticDataCollectionEnabled: 0, ...parameters }),
      ...(process.platform === 'win32' ? [] : ['--nounixsocket']),
    ],
    logFile: path.join(dataDir, 'mongod.log'),
  });
  await untilReady(server, () => isReady(server.pid, port), signal);
  return { process: server, port };
}

/**
 * @param {Readonly<Record<string, number>>} parameters
 * @returns {readonly string[]}
 */
function parameterArgs(parameters) {
  return Object.entries(parameters).flatMap(([name, value]) => [
    '--setParameter',
    `${name}=${value}`,
  ]);
}

/**
 * @param {import('./tls-files.mjs').TlsFiles} tls
 * @returns {readonly string[]}
 */
function tlsArgs({ caFile, bothFile }) {
  return [
    ...['--tlsMode', 'requireTLS', '--tlsCAFile', caFile],
    ...['--tlsCertificateKeyFile', bothFile],
  ];
}

/**
 * @param {number} pid
 * @param {number} port
 * @param {import('./tls-files.mjs').TlsFiles} [tls]
 * @returns {Promise<true | undefined>} true once it is primary
 */
function becomePrimary(pid, port, tls) {
  return withMongod(
    pid,
    port,
    async (client) => {
      const hello = await client.db('admin').command({ hello: 1 });
      if (hello['isWritablePrimary'] === true) return true;
      await settleReplicaSet(client, `127.0.0.1:${port}`);
      return undefined;
    },
    tls,
  );
}

/**
 * @template T
 * @param {number} pid of the mongod that was started: another program may have taken the port before it
 * @param {number} port
 * @param {(client: import('mongoose').mongo.MongoClient) => Promise<T>} use
 * @param {import('./tls-files.mjs').TlsFiles} [tls]
 * @returns {Promise<T | undefined>} undefined when another program answers
 */
export async function withMongod(pid, port, use, tls) {
  const query = tls === undefined ? '' : `/?${mongodbTlsParameters(tls)}`;
  const client = new mongoose.mongo.MongoClient(`mongodb://127.0.0.1:${port}${query}`, {
    directConnection: true,
    serverSelectionTimeoutMS: 1_000,
    socketTimeoutMS: 5_000,
  });
  try {
    const { pid: answering } = await client.db('admin').command({ serverStatus: 1 });
    return Number(answering) === pid ? await use(client) : undefined;
  } finally {
    await client.close();
  }
}

/**
 * @typedef {object} ReplicaSetConfig
 * @property {string} _id
 * @property {number} version
 * @property {{ _id: number, host: string }[]} members
 */

/**
 * Initiates the replica set, or reconfigures it with the current port: its data has the port of the last start.
 *
 * @param {import('mongoose').mongo.MongoClient} client
 * @param {string} host
 */
async function settleReplicaSet(client, host) {
  const config = await /** @type {import('mongoose').mongo.Collection<ReplicaSetConfig>} */ (
    client.db('local').collection('system.replset')
  ).findOne({}, { readPreference: 'secondaryPreferred' });
  const admin = client.db('admin');
  const members = [{ ...config?.members[0], _id: 0, host }];
  if (!config) {
    await admin.command({ replSetInitiate: { _id: REPLICA_SET, members } });
  } else if (config.members[0]?.host !== host) {
    const changed = { ...config, members, version: config.version + 1 };
    await admin.command({ replSetReconfig: changed, force: true });
  }
}
