import { say } from '../project/say.mjs';

/** @typedef {'listener' | 'executor' | 'mongod' | 'nats'} PartName */

/** The time that a part has to stop, in ms: an app finishes its requests and tasks in flight first. */
const STOP_GRACE_MS = 20_000;

/** The started parts. They are stopped in the reverse order of their start. */
export class RunningParts {
  /** @type {{ name: PartName, process: import('../servers/server-process.mjs').ServerProcess }[]} */
  #parts = [];

  /**
   * @param {PartName} name
   * @param {import('../servers/restartable-server.mjs').RestartableServer} server
   */
  add(name, { process }) {
    this.#parts.push({ name, process });
  }

  /**
   * @param {PartName} name
   * @returns {number | null} null if this process did not start it
   */
  pidOf(name) {
    return this.#parts.find((part) => part.name === name)?.process.pid ?? null;
  }

  /**
   * @param {AbortSignal} stop
   * @returns {Promise<void>} when `stop` is aborted; rejects when a part ends by itself
   */
  async untilOneEnds(stop) {
    const told = new Promise((resolve) => {
      if (stop.aborted) resolve(undefined);
      stop.addEventListener('abort', resolve, { once: true });
    });
    const ends = this.#parts.map(async ({ process }) => {
      const how = await process.ended;
      if (!stop.aborted) throw process.failure(`${how}, so everything is stopped`);
    });
    // Child processes are unreferenced, so this timer keeps the process running.
    const keepRunning = setInterval(() => undefined, 60_000);
    await Promise.race([told, Promise.all(ends)]).finally(() => {
      clearInterval(keepRunning);
    });
  }

  async stop() {
    for (const { name, process } of this.#parts.reverse()) {
      const { killed } = await process.stop({ graceMs: STOP_GRACE_MS });
      if (killed) say(`The ${name} did not stop within ${STOP_GRACE_MS / 1000} s and was killed.`);
    }
  }
}
