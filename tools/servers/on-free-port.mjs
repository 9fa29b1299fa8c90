import { freePort } from './free-port.mjs';

const TRIES_MAX = 5;

/**
 * Starts something on a free port. Between asking for one and listening on it another process can
 * take it; then there is another.
 *
 * @template T
 * @param {RegExp} portTaken matches the message of the error that says so
 * @param {(port: number) => Promise<T>} start
 * @returns {Promise<T>}
 */
export async function onFreePort(portTaken, start) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start(await freePort());
    } catch (error) {
      const taken = error instanceof Error && portTaken.test(error.message);
      if (!taken || tries === TRIES_MAX) throw error;
    }
  }
}
