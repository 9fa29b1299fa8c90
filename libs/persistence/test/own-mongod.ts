import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mongodbUrl, startMongod } from '../../../tools/servers/mongod.mjs';
import { mongodBinary } from '../../../tools/servers/mongod-binary.mjs';
import { OwnServer } from '../../../tools/servers/own-server.mjs';
import { findServerBinary } from '../../../tools/servers/server-binary.mjs';

/** A mongod for one test file alone. */
export class OwnMongod extends OwnServer {
  static async start(): Promise<OwnMongod> {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'flow-persistence-test-'));
    const binary = await findServerBinary(mongodBinary);
    return new OwnMongod(dataDir, await startMongod({ binary, dataDir }));
  }

  get url(): string {
    return mongodbUrl(this.server.port, 'outages');
  }
}
