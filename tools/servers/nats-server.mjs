import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { readJson } from '../project/read-json.mjs';
import { RestartableServer } from './restartable-server.mjs';
import { ServerProcess } from './server-process.mjs';
import { untilReady } from './until-ready.mjs';

/**
 * One nats-server with JetStream on the loopback interface, alone or as a member of a cluster.
 *
 * @typedef {object} ClusterMember
 * @property {string} name of this server, unique in the cluster
 * @property {number} port for the other members
 * @property {readonly number[]} routes the ports of all members
 *
 * @typedef {object} NatsServerOptions
 * @property {string} binary
 * @property {string} dataDir data, configuration and log; not deleted
 * @property {number} [port] the required port; without it, a free one
 * @property {string} [syncInterval] how often JetStream syncs its files: `always` (every write is on
 *   the disk before it is acknowledged) or a duration such as `2m`
 * @property {ClusterMember} [member] absent for a single server
 * @property {import('./tls-files.mjs').TlsFiles} [tls] the server accepts only encrypted connections, of
 *   clients whose certificate it can verify
 * @property {object} [config] more members of the server's configuration
 * @property {AbortSignal} [signal] aborts the start
 */

/**
 * The largest message, in bytes: the most that the server's documentation advises. An event of 4 MiB (`BODY_BYTES_MAX`)
 * fits, also in base64, which takes a third more. An event whose bytes take six each in JSON does not, and goes over
 * HTTP. The default of the server, 1 MiB, is less than an event that the ingress accepts.
 */
const PAYLOAD_BYTES_MAX = 8 * 1024 ** 2;

/**
 * The bytes that all streams may reserve. By default it is three quarters of the disk that is free at the start, and a
 * stream whose largest size exceeds the rest is refused, even if all streams are empty. So tests that share a server, and
 * trials on a small disk, would be refused.
 */
const STORE_BYTES_MAX = 1024 ** 4;

/**
 * @param {NatsServerOptions} options
 * @returns {Promise<RestartableServer>} when JetStream answers
 */
export async function startNatsServer(options) {
  const { binary, dataDir, port, syncInterval = 'always', member, tls, config, signal } = options;
  return RestartableServer.start(
    (wanted) =>
      launch({ binary, dataDir, port: wanted, syncInterval, member, tls, config }, signal),
    port,
  );
}

/**
 * @param {number} port
 * @param {import('./tls-files.mjs').TlsFiles} [tls] of the client, which verifies names but no addresses
 * @returns {string}
 */
export function natsUrl(port, tls) {
  return `nats://${tls === undefined ? '127.0.0.1' : 'localhost'}:${port}`;
}

/**
 * @param {string} dataDir
 * @returns {string} the folder with the data of JetStream
 */
export function jetstreamFolder(dataDir) {
  return path.join(dataDir, 'jetstream');
}

/**
 * @typedef {object} Launch
 * @property {string} binary
 * @property {string} dataDir
 * @property {number | undefined} port
 * @property {string} syncInterval
 * @property {ClusterMember | undefined} member
 * @property {import('./tls-files.mjs').TlsFiles | undefined} tls
 * @property {object | undefined} config
 */

/**
 * @param {Launch} what
 * @param {AbortSignal} [signal]
 */
async function launch({ binary, dataDir, port, syncInterval, member, tls, config: more }, signal) {
  const portsFolder = path.join(dataDir, 'ports');
  rmSync(portsFolder, { recursive: true, force: true });
  mkdirSync(portsFolder, { recursive: true });
  const configFile = path.join(dataDir, 'nats-server.conf');
  // JSON is a subset of nats-server's configuration language.
  const config = {
    host: '127.0.0.1',
    // nats-server asks the system for a port itself, so nobody can take it in between.
    port: port ?? -1,
    ports_file_dir: portsFolder,
    max_payload: PAYLOAD_BYTES_MAX,
    jetstream: {
      store_dir: jetstreamFolder(dataDir),
      max_file_store: STORE_BYTES_MAX,
      sync_interval: syncInterval,
    },
    ...(member && clusterSettings(member)),
    ...(tls && { tls: tlsSettings(tls) }),
    ...more,
  };
  writeFileSync(configFile, JSON.stringify(config, undefined, 2));
  const server = new ServerProcess({
    name: 'nats-server',
    command: binary,
    args: ['--config', configFile],
    logFile: path.join(dataDir, 'nats-server.log'),
  });
  const portsFile = path.join(portsFolder, `nats-server_${server.pid}.ports`);
  const listening = await untilReady(server, () => portWithJetStream(portsFile, tls), signal);
  return { process: server, port: listening };
}

/** @param {ClusterMember} member */
function clusterSettings({ name, port, routes }) {
  return {
    server_name: name,
    cluster: {
      name: 'flow',
      host: '127.0.0.1',
      port,
      routes: routes.map((route) => natsUrl(route)),
    },
  };
}

/** @param {import('./tls-files.mjs').TlsFiles} tls */
function tlsSettings({ caFile, certFile, keyFile }) {
  return { cert_file: certFile, key_file: keyFile, ca_file: caFile, verify: true };
}

/**
 * @param {string} portsFile written by nats-server when it listens
 * @param {import('./tls-files.mjs').TlsFiles} [tls]
 * @returns {Promise<number>}
 */
async function portWithJetStream(portsFile, tls) {
  const { nats, tls: encrypted } = /** @type {{ nats?: string[], tls?: string[] }} */ (
    readJson(portsFile)
  );
  const port = Number(new URL((nats ?? encrypted)?.[0] ?? '').port);
  const connection = await connect({
    servers: natsUrl(port, tls),
    reconnect: false,
    timeout: 1_000,
    ...(tls && { tls }),
  });
  try {
    await jetstreamManager(connection);
    return port;
  } finally {
    await connection.close();
  }
}
