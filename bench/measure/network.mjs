import { readFileSync } from 'node:fs';

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
async function networkBytes({ mongodb, natsMonitor }) {
  /** @type {unknown} */
  const status = await mongodb.db('admin').command({ serverStatus: 1, repl: 0 });
  const { network } = /** @type {{ network: { bytesIn: number, bytesOut: number } }} */ (status);
  const answer = await fetch(`${natsMonitor}/varz`);
  /** @type {unknown} */
  const varz = await answer.json();
  const nats = /** @type {{ in_bytes: number, out_bytes: number }} */ (varz);
  return {
    toMongodb: network.bytesIn,
    fromMongodb: network.bytesOut,
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
