import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jetstreamFolder, natsUrl, startNatsServer } from '../../../tools/servers/nats-server.mjs';
import { natsServerBinary } from '../../../tools/servers/nats-server-binary.mjs';
import { findServerBinary } from '../../../tools/servers/server-binary.mjs';

/** A nats-server for one test file alone, which may stop, kill and wipe it. */
export class OwnNats {
  private constructor(
    private readonly dataDir: string,
    private readonly server: Awaited<ReturnType<typeof startNatsServer>>,
  ) {}

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

  async stop(): Promise<void> {
    await this.server.stop();
  }

  async kill(): Promise<void> {
    await this.server.kill();
  }

  /** It keeps its connections and answers nothing. */
  pause(): void {
    this.server.pause();
  }

  resume(): void {
    this.server.resume();
  }

  /** On the same port, with its data. */
  async startAgain(): Promise<void> {
    await this.server.restart();
  }

  /** As an operator does who deletes JetStream's directory. */
  async loseAllData(): Promise<void> {
    await this.server.kill();
    await rm(jetstreamFolder(this.dataDir), { recursive: true, force: true });
    await this.server.restart();
  }

  async end(): Promise<void> {
    await this.server.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
