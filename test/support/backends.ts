import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { env } from 'node:process';
import { type RestartableServer } from '../../tools/servers/restartable-server.mjs';
import { findServerBinary } from '../../tools/servers/server-binary.mjs';
import { mongodBinary } from '../../tools/servers/mongod-binary.mjs';
import { mongodbUrl, startMongod } from '../../tools/servers/mongod.mjs';
import { natsServerBinary } from '../../tools/servers/nats-server-binary.mjs';
import { natsUrl, startNatsServer } from '../../tools/servers/nats-server.mjs';

/** MongoDB and NATS for one system under test. */
export interface Backends {
  /** With a database of its own. */
  readonly mongodbUrl: string;
  /** Undefined where the system does without NATS. */
  readonly natsUrl: string | undefined;
  /** Before each stream's and subject's name, so that systems can share a nats-server. */
  readonly namespace: string;
  /** Only of its own servers: those shared with other test files must not be hurt. */
  readonly mongod: RestartableServer | undefined;
  readonly nats: RestartableServer | undefined;
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
    mongod: undefined,
    nats: undefined,
  };
}

/** Servers that nobody else uses, so that a test may hurt them; added to `started` one by one. */
export async function ownBackends(
  driver: 'nats' | 'http',
  folder: string,
  started: RestartableServer[],
): Promise<Backends> {
  const mongod = await startMongod({
    binary: await findServerBinary(mongodBinary),
    dataDir: path.join(folder, 'mongod'),
  });
  started.push(mongod);
  const nats = driver === 'nats' ? await startOwnNats(path.join(folder, 'nats')) : undefined;
  if (nats) started.push(nats);
  return {
    mongodbUrl: mongodbUrl(mongod.port, 'flow_eventing'),
    natsUrl: nats && natsUrl(nats.port),
    namespace: 'flow',
    mongod,
    nats,
  };
}

async function startOwnNats(dataDir: string): Promise<RestartableServer> {
  return startNatsServer({ binary: await findServerBinary(natsServerBinary), dataDir });
}

function required(variable: 'TEST_MONGODB_URL' | 'TEST_NATS_URL'): string {
  const value = env[variable];
  if (value === undefined)
    throw new Error(`${variable} is not set: run Jest with its global setup`);
  return value;
}
