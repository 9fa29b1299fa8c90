import { say } from '../project/say.mjs';

/** @typedef {'listener' | 'executor' | 'mongod' | 'nats'} PartName */

/** An app may have requests and tasks in flight that it finishes first. */
const STOP_GRACE_MS = 20_000;

/** What was started, in that order. It is stopped in the opposite one. */
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
   * @returns {number | null} null if it was not started here
   */
  pidOf(name) {
    return this.#parts.find((part) => part.name === name)?.process.pid ?? null;
  }

  /**
   * @param {AbortSignal} stop
   * @returns {Promise<void>} when told to stop; rejects when a part ends by itself
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
    // Child processes do not keep this one running; this timer does.
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
