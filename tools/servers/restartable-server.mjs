/**
 * @typedef {object} Started
 * @property {import('./server-process.mjs').ServerProcess} process
 * @property {number} port
 */

/** A server that can be stopped, paused, killed, and started again with the same port and data. */
export class RestartableServer {
  #start;
  #started;

  /**
   * @param {(port: number | undefined) => Promise<Started>} start resolves when it is ready; `start`
   *   chooses an undefined port
   * @param {Started} started
   */
  constructor(start, started) {
    this.#start = start;
    this.#started = started;
  }

  /**
   * @param {(port: number | undefined) => Promise<Started>} start
   * @param {number} [port]
   * @returns {Promise<RestartableServer>}
   */
  static async start(start, port) {
    return new RestartableServer(start, await start(port));
  }

  get process() {
    return this.#started.process;
  }

  get pid() {
    return this.process.pid;
  }

  get port() {
    return this.#started.port;
  }

  async stop() {
    return this.process.stop();
  }

  async kill() {
    await this.process.kill();
  }

  pause() {
    this.process.pause();
  }

  resume() {
    this.process.resume();
  }

  /** Starts it again, on the same port and with the same data; stops it first if it still runs. */
  async restart() {
    await this.process.stop();
    this.#started = await this.#start(this.port);
  }
}
