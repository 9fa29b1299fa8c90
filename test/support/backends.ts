import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { env } from 'node:process';
import { type RestartableServer } from '../../tools/servers/restartable-server.mjs';
import { findServerBinary } from '../../tools/servers/server-binary.mjs';
import { mongodBinary } from '../../tools/servers/mongod-binary.mjs';
import { mongodbUrl, startMongod } from '../../tools/servers/mongod.mjs';
import { natsMemberName } from '../../tools/servers/nats-cluster.mjs';
import { natsServerBinary } from '../../tools/servers/nats-server-binary.mjs';
import { startCluster } from '../../tools/servers/start-cluster.mjs';
import { type TlsFiles } from '../../tools/servers/tls-files.mjs';
import { withDatabase } from '../../tools/start/start-backends.mjs';
import { jetstreamFolder, natsUrl, startNatsServer } from '../../tools/servers/nats-server.mjs';
import { startTogether } from './start-together.js';

const DATABASE = 'flow_eventing';

/** MongoDB and NATS for one system under test. */
export interface Backends {
  /** With a database of its own. */
  readonly mongodbUrl: string;
  /** Undefined where the system does without NATS. */
  readonly natsUrl: string | undefined;
  /** Before each stream's and subject's name, so that systems can share a nats-server. */
  readonly namespace: string;
  /** Only its own servers: into those shared with other test files no fault may be injected. */
  readonly mongods: readonly RestartableServer[];
  readonly natsServers: readonly NatsMember[];
}

export interface NatsMember {
  readonly server: RestartableServer;
  /** All that its JetStream knows. */
  readonly jetstreamFolder: string;
}

/** Those of the whole test run: quick, but not to be stopped. */
export function sharedBackends(driver: 'nats' | 'http'): Backends {
  const name = `test_${randomUUID().slice(0, 8)}`;
  const shared = new URL(required('TEST_MONGODB_URL'));
  shared.pathname = `/${name}`;
  return {
    mongodbUrl: shared.href,
    natsUrl: driver === 'nats' ? required('TEST_NATS_URL') : undefined,
    namespace: name,
    mongods: [],
    natsServers: [],
  };
}

/** Servers that nobody else uses, so that a test may inject faults; added to `started` one by one. */
export async function ownBackends(
  driver: 'nats' | 'http',
  folder: string,
  started: RestartableServer[],
  tls?: TlsFiles,
  natsConfig?: object,
): Promise<Backends> {
  const natsFolder = path.join(folder, 'nats');
  const [mongod, nats] = await startTogether(
    [
      () => startOwnMongod(path.join(folder, 'mongod'), tls),
      ...(driver === 'nats' ? [() => startOwnNats(natsFolder, tls, natsConfig)] : []),
    ],
    started,
  );
  return {
    mongodbUrl: mongodbUrl(mongod.port, DATABASE, tls),
    natsUrl: nats && natsUrl(nats.port, tls),
    namespace: 'flow',
    mongods: [mongod],
    natsServers: nats ? [{ server: nats, jetstreamFolder: jetstreamFolder(natsFolder) }] : [],
  };
}

/** Three of each, so that one may fail and the others go on; added to `started`. */
export async function clusterBackends(
  folder: string,
  started: RestartableServer[],
): Promise<Backends> {
  const { mongods, natsServers, ...cluster } = await startCluster({ dataDir: folder });
  started.push(...mongods, ...natsServers);
  return {
    mongodbUrl: withDatabase(cluster.mongodbUrl),
    natsUrl: cluster.natsUrl,
    namespace: 'flow',
    mongods,
    natsServers: natsServers.map((server, index) => ({
      server,
      jetstreamFolder: jetstreamFolder(path.join(folder, natsMemberName(index))),
    })),
  };
}

async function startOwnMongod(dataDir: string, tls?: TlsFiles): Promise<RestartableServer> {
  const binary = await findServerBinary(mongodBinary);
  return startMongod({ binary, dataDir, ...(tls && { tls }) });
}

async function startOwnNats(
  dataDir: string,
  tls?: TlsFiles,
  config?: object,
): Promise<RestartableServer> {
  const binary = await findServerBinary(natsServerBinary);
  return startNatsServer({ binary, dataDir, ...(tls && { tls }), ...(config && { config }) });
}

function required(variable: 'TEST_MONGODB_URL' | 'TEST_NATS_URL'): string {
  const value = env[variable];
  if (value === undefined)
    throw new Error(`${variable} is not set: run Jest with its global setup`);
  return value;
}
