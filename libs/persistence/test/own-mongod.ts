import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mongodbUrl, startMongod } from '../../../tools/servers/mongod.mjs';
import { mongodBinary } from '../../../tools/servers/mongod-binary.mjs';
import { findServerBinary } from '../../../tools/servers/server-binary.mjs';

/** A mongod for one test file alone, which may stop, kill and pause it. */
export class OwnMongod {
  private constructor(
    private readonly dataDir: string,
    private readonly server: Awaited<ReturnType<typeof startMongod>>,
  ) {}

  static async start(): Promise<OwnMongod> {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'flow-persistence-test-'));
    const binary = await findServerBinary(mongodBinary);
    return new OwnMongod(dataDir, await startMongod({ binary, dataDir }));
  }

  get url(): string {
    return mongodbUrl(this.server.port, 'outages');
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

  async end(): Promise<void> {
    await this.server.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
