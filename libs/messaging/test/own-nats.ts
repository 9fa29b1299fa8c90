import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jetstreamFolder, natsUrl, startNatsServer } from '../../../tools/servers/nats-server.mjs';
import { natsServerBinary } from '../../../tools/servers/nats-server-binary.mjs';
import { OwnServer } from '../../../tools/servers/own-server.mjs';
import { findServerBinary } from '../../../tools/servers/server-binary.mjs';

/** A nats-server for one test file alone, which may also lose its data. */
export class OwnNats extends OwnServer {
  /** @param config more members of its configuration */
  static async start(config: object = {}): Promise<OwnNats> {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'flow-messaging-test-'));
    const binary = await findServerBinary(natsServerBinary);
    return new OwnNats(
      dataDir,
      await startNatsServer({ binary, dataDir, syncInterval: '2m', config }),
    );
  }

  get url(): string {
    return natsUrl(this.server.port);
  }

  /** As an operator does who deletes JetStream's directory. */
  async loseAllData(): Promise<void> {
    await this.server.kill();
    await rm(jetstreamFolder(this.dataDir), { recursive: true, force: true });
    await this.server.restart();
  }
}
