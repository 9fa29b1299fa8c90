import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** The duration of a call: long enough that a process is stopped during some calls. */
const ANSWER_AFTER_MS = 100;

/**
 * The target of the workflow's calls. It counts calls by idempotency key.
 *
 * @typedef {object} CalledService
 * @property {string} url
 * @property {ReadonlyMap<string, number>} calls by key
 * @property {() => Promise<void>} stop
 */

/** @returns {Promise<CalledService>} */
export async function startCalledService() {
  /** @type {Map<string, number>} */
  const calls = new Map();
  const server = createServer((request, response) => {
    const key = String(request.headers['idempotency-key']);
    calls.set(key, (calls.get(key) ?? 0) + 1);
    request.resume();
    void delay(ANSWER_AFTER_MS).then(() => {
      response.setHeader('content-type', 'application/json').end('{"ok":true}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/`,
    calls,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
