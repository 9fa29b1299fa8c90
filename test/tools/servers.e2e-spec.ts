import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import mongoose from 'mongoose';
import { isAlive } from '../../tools/project/process-life.mjs';
import { findServerBinary } from '../../tools/servers/server-binary.mjs';
import { mongodBinary } from '../../tools/servers/mongod-binary.mjs';
import { mongodbUrl, startMongod } from '../../tools/servers/mongod.mjs';
import { natsServerBinary } from '../../tools/servers/nats-server-binary.mjs';
import { natsUrl, startNatsServer } from '../../tools/servers/nats-server.mjs';
import { type RestartableServer } from '../../tools/servers/restartable-server.mjs';
import { withDatabase } from '../../tools/start/start-backends.mjs';

jest.setTimeout(300_000);

let dataDir: string;
const started: RestartableServer[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'flow-eventing-servers-'));
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
  await rm(dataDir, { recursive: true });
});

describe(startMongod.name, () => {
  it('keeps acknowledged writes over a kill, on the same port', async () => {
    const mongod = await mongodIn(dataDir);
    const { port, pid } = mongod;
    await inDatabase(port, (notes) => notes.insertOne({ text: 'kept' }, MAJORITY));

    await mongod.kill();
    expect(isAlive(pid)).toBe(false);
    await mongod.restart();

    expect(mongod.port).toBe(port);
    expect(await inDatabase(port, (notes) => notes.countDocuments())).toBe(1);
  });

  it('accepts writes again when it is started on another port', async () => {
    const before = await mongodIn(dataDir);
    await inDatabase(before.port, (notes) => notes.insertOne({ text: 'kept' }, MAJORITY));
    await before.stop();

    const after = await mongodIn(dataDir);

    await inDatabase(after.port, (notes) => notes.insertOne({ text: 'new' }, MAJORITY));
    expect(await inDatabase(after.port, (notes) => notes.countDocuments())).toBe(2);
  });

  it('shows the output of mongod when it cannot start', async () => {
    const { port } = await mongodIn(path.join(dataDir, 'first'));

    const second = mongodIn(path.join(dataDir, 'second'), port);

    await expect(second).rejects.toThrow(/mongod ended with exit code 48.*Address already in use/s);
  });

  it('stops while it is paused', async () => {
    const mongod = await mongodIn(dataDir);
    mongod.pause();

    const { killed } = await mongod.stop();

    expect(killed).toBe(false);
    expect(isAlive(mongod.pid)).toBe(false);
  });
});

describe(startNatsServer.name, () => {
  it('keeps its streams over a kill, on the same port', async () => {
    const nats = await startNatsServer({
      binary: await findServerBinary(natsServerBinary),
      dataDir,
    });
    started.push(nats);
    const { port } = nats;
    await inJetStream(port, ({ streams }) => streams.add({ name: 'KEPT', subjects: ['kept'] }));

    await nats.kill();
    await nats.restart();

    expect(nats.port).toBe(port);
    expect(await inJetStream(port, ({ streams }) => streams.names().next())).toEqual(['KEPT']);
  });
});

describe(withDatabase.name, () => {
  it.each([
    ['mongodb://db', 'mongodb://db/flow_eventing'],
    ['mongodb://a:1,b:2/?replicaSet=rs0', 'mongodb://a:1,b:2/flow_eventing?replicaSet=rs0'],
    ['mongodb+srv://u:p@db?tls=true', 'mongodb+srv://u:p@db/flow_eventing?tls=true'],
    ['mongodb://db/mine?w=1', 'mongodb://db/mine?w=1'],
  ])('of %s makes %s', (given, expected) => {
    expect(withDatabase(given)).toBe(expected);
  });
});

const MAJORITY = { writeConcern: { w: 'majority', j: true } } as const;

async function mongodIn(folder: string, port?: number): Promise<RestartableServer> {
  const mongod = await startMongod({
    binary: await findServerBinary(mongodBinary),
    dataDir: folder,
    ...(port !== undefined && { port }),
  });
  started.push(mongod);
  return mongod;
}

async function inDatabase<T>(
  port: number,
  work: (notes: mongoose.mongo.Collection) => Promise<T>,
): Promise<T> {
  const client = new mongoose.mongo.MongoClient(mongodbUrl(port));
  try {
    return await work(client.db('test').collection('notes'));
  } finally {
    await client.close();
  }
}

async function inJetStream<T>(
  port: number,
  work: (manager: Awaited<ReturnType<typeof jetstreamManager>>) => Promise<T>,
): Promise<T> {
  const connection = await connect({ servers: natsUrl(port) });
  try {
    return await work(await jetstreamManager(connection));
  } finally {
    await connection.close();
  }
}
