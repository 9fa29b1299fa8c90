import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { mongo } from 'mongoose';
import { waitFor } from '../../tools/project/wait-for.mjs';
import { primaryOf } from '../../tools/servers/mongod-replica-set.mjs';
import { natsMemberName } from '../../tools/servers/nats-cluster.mjs';
import { type Cluster, startCluster } from '../../tools/servers/start-cluster.mjs';

jest.setTimeout(300_000);

let folder: string;
let cluster: Cluster;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flow-eventing-cluster-'));
  cluster = await startCluster({ dataDir: folder });
});

afterAll(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

describe(startCluster.name, () => {
  it('keeps acknowledged writes when the primary is killed, and accepts it again as a member', async () => {
    const client = await mongo.MongoClient.connect(cluster.mongodbUrl);
    const things = client.db('test').collection('things');
    await things.insertOne({ n: 1 }, { writeConcern: { w: 'majority', journal: true } });
    const first = await primaryOf(cluster.mongods);

    await first.kill();
    const second = await primaryOf(cluster.mongods.filter((member) => member !== first));
    const found = await waitFor('the document', () => things.findOne({ n: 1 }));

    expect(second.port).not.toBe(first.port);
    expect(found).toMatchObject({ n: 1 });
    await first.restart();
    expect(await primaryOf(cluster.mongods)).toBeDefined();
    await client.close();
  });

  it('keeps a stream of three copies when its leader is killed', async () => {
    const connection = await connect({ servers: cluster.natsUrl.split(',') });
    const { streams } = await jetstreamManager(connection);
    await streams.add({ name: 'THINGS', subjects: ['things'], num_replicas: 3 });
    const leaderName = async (): Promise<string | undefined> =>
      (await streams.info('THINGS')).cluster?.leader;
    const first = await waitFor('a leader', leaderName);
    const leader = cluster.natsServers.find((_, index) => natsMemberName(index) === first);

    await leader?.kill();
    const second = await waitFor('another leader', async () => {
      const name = await leaderName();
      return name === first ? undefined : name;
    });

    expect(leader).toBeDefined();
    expect(second).not.toBe(first);
    await leader?.restart();
    await connection.close();
  });
});
