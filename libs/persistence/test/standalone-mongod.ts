import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mongo } from 'mongoose';
import { mongodBinary } from '../../../tools/servers/mongod-binary.mjs';
import { onFreePort } from '../../../tools/servers/on-free-port.mjs';
import { findServerBinary } from '../../../tools/servers/server-binary.mjs';
import { ServerProcess } from '../../../tools/servers/server-process.mjs';
import { untilReady } from '../../../tools/servers/until-ready.mjs';

const PORT_TAKEN = /ended with exit code 48/;

/** A mongod that is in no replica set, as it comes out of the box. */
export class StandaloneMongod {
  private constructor(
    private readonly dataDir: string,
    private readonly port: number,
    private readonly server: ServerProcess,
  ) {}

  static async start(): Promise<StandaloneMongod> {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'flow-standalone-test-'));
    const command = await findServerBinary(mongodBinary);
    return onFreePort(PORT_TAKEN, async (port) => {
      const server = new ServerProcess({
        name: 'mongod',
        command,
        args: [
          '--dbpath',
          dataDir,
          '--bind_ip',
          '127.0.0.1',
          '--port',
          `${port}`,
          '--nounixsocket',
        ],
        logFile: path.join(dataDir, 'mongod.log'),
      });
      const standalone = new StandaloneMongod(dataDir, port, server);
      await untilReady(server, () => standalone.#ping());
      return standalone;
    });
  }

  get url(): string {
    return `mongodb://127.0.0.1:${this.port}/standalone`;
  }

  async end(): Promise<void> {
    await this.server.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  async #ping(): Promise<true> {
    const client = new mongo.MongoClient(this.url, { serverSelectionTimeoutMS: 1_000 });
    try {
      await client.db().command({ ping: 1 });
      return true;
    } finally {
      await client.close();
    }
  }
}
