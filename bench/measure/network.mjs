import { readFileSync } from 'node:fs';
import { storesStatus } from '../system/stores-status.mjs';

/**
 * Bytes that were sent so far. The difference of two readings is what was sent in between.
 *
 * @typedef {object} NetworkBytes
 * @property {number} toMongodb
 * @property {number} fromMongodb
 * @property {number} toNats
 * @property {number} fromNats
 * @property {number} loopback all that went over the loopback interface, with HTTP and the headers of TCP and IP
 */

/**
 * @param {import('../system/backends.mjs').Backends} backends
 * @returns {Promise<NetworkBytes>}
 */
async function networkBytes(backends) {
  const { mongodb, nats } = await storesStatus(backends);
  return {
    toMongodb: mongodb.network.bytesIn,
    fromMongodb: mongodb.network.bytesOut,
    toNats: nats.in_bytes,
    fromNats: nats.out_bytes,
    loopback: loopbackBytes(),
  };
}

/** Linux tells the received bytes first: of the loopback interface they are those that were sent. */
function loopbackBytes() {
  return Number(/^\s*lo:\s*(\d+)/m.exec(readFileSync('/proc/net/dev', 'utf8'))?.[1]);
}

/**
 * @template T
 * @param {import('../system/backends.mjs').Backends} backends
 * @param {() => Promise<T>} work
 * @returns {Promise<{ result: T, bytes: NetworkBytes }>} what was sent while the work was done
 */
export async function countNetworkBytes(backends, work) {
  const before = await networkBytes(backends);
  const result = await work();
  const after = await networkBytes(backends);
  const names = /** @type {(keyof NetworkBytes)[]} */ (Object.keys(before));
  const sent = Object.fromEntries(names.map((name) => [name, after[name] - before[name]]));
  return { result, bytes: /** @type {NetworkBytes} */ (sent) };
}
