import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Logger } from '@nestjs/common';
import { freePort } from '../../../tools/servers/free-port.mjs';
import { launchMongod, REPLICA_SET, withMongod } from '../../../tools/servers/mongod.mjs';
import { mongodBinary } from '../../../tools/servers/mongod-binary.mjs';
import { findServerBinary } from '../../../tools/servers/server-binary.mjs';
import { type ServerProcess } from '../../../tools/servers/server-process.mjs';
import { MongoLink } from '../src/connection/mongo-link.js';
import { DEFAULT_MONGO_SETTINGS } from '../src/connection/mongo-settings.js';
import { StoreUnavailableError, StoreUnsupportedError } from '../src/errors.js';
import { until } from '@app/errors/testing';

const TEST_MS_MAX = 60_000;

Logger.overrideLogger(false);

let dataDir: string;
let port: number;
let link: MongoLink;
let mongod: ServerProcess | undefined;

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'flow-persistence-test-'));
  port = await freePort();
  const url = `mongodb://127.0.0.1:${port}/uninitiated?directConnection=true`;
  link = new MongoLink({ ...DEFAULT_MONGO_SETTINGS, url });
});
afterEach(async () => {
  await link.close();
  await mongod?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

it(
  'says what is wrong with a server that came later, and uses it as soon as that is mended',
  async () => {
    await link.open();
    expect(await failure()).toBeInstanceOf(StoreUnavailableError);

    const { pid } = (mongod = await startUninitiated());
    await until(async () => (await failure()) instanceof StoreUnsupportedError);
    await withMongod(pid, port, (client) => {
      const config = { _id: REPLICA_SET, members: [{ _id: 0, host: `127.0.0.1:${port}` }] };
      return client.db('admin').command({ replSetInitiate: config });
    });
    await until(async () => (await failure()) === undefined);
  },
  TEST_MS_MAX,
);

async function startUninitiated(): Promise<ServerProcess> {
  const binary = await findServerBinary(mongodBinary);
  const isUp = (pid: number): Promise<true | undefined> =>
    withMongod(pid, port, () => Promise.resolve(true));
  return (await launchMongod({ binary, dataDir, port }, isUp)).process;
}

async function failure(): Promise<unknown> {
  try {
    await link.run('ping', (db) => db.command({ ping: 1 }));
    return undefined;
  } catch (error) {
    return error;
  }
}
