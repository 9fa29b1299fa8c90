import { freePort } from './free-port.mjs';

const TRIES_MAX = 5;

/**
 * Starts a server on a free port. If another process takes the port before the server listens, it is started on another
 * one.
 *
 * @template T
 * @param {RegExp} portTaken matches the error message of a port in use
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
