import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * The resources of one measurement.
 *
 * @typedef {object} Scene
 * @property {string} folder removed at the end of the measurement
 * @property {(() => unknown)[]} stops called in reverse order when the measurement ends, however it does
 */

/**
 * @param {string} name of the measurement
 * @param {(scene: Scene) => Promise<void>} measure
 */
export async function withStops(name, measure) {
  const folder = await mkdtemp(path.join(tmpdir(), `flow-eventing-${name}-`));
  /** @type {Scene['stops']} */
  const stops = [];
  try {
    await measure({ folder, stops });
  } finally {
    for (const stop of stops.toReversed()) await stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {Pick<Scene, 'stops'>} scene
 * @param {import('node:http').RequestListener} listener
 * @returns {Promise<string>} its URL
 */
export async function startServer({ stops }, listener) {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return `http://127.0.0.1:${port}/`;
}
