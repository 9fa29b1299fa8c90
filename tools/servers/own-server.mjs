import { rm } from 'node:fs/promises';

/** A server for one test file alone, which may stop, kill and pause it; its data is removed with it. */
export class OwnServer {
  /**
   * @param {string} dataDir
   * @param {import('./restartable-server.mjs').RestartableServer} server
   */
  constructor(dataDir, server) {
    this.dataDir = dataDir;
    this.server = server;
  }

  async stop() {
    await this.server.stop();
  }

  async kill() {
    await this.server.kill();
  }

  /** It keeps its connections and answers nothing. */
  pause() {
    this.server.pause();
  }

  resume() {
    this.server.resume();
  }

  /** On the same port, with its data. */
  async startAgain() {
    await this.server.restart();
  }

  async end() {
    await this.server.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
