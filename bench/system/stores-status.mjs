/**
 * What the stores count since they started, as far as benches read it.
 *
 * @typedef {object} StoresStatus
 * @property {{ network: { numRequests: number, bytesIn: number, bytesOut: number },
 *   opcounters: { insert: number, update: number }, metrics: { document: { returned: number } } }} mongodb
 * @property {{ in_msgs: number, out_msgs: number, in_bytes: number, out_bytes: number }} nats
 */

/**
 * @param {import('./backends.mjs').Backends} backends
 * @returns {Promise<StoresStatus>}
 */
export async function storesStatus({ mongodb, natsMonitor }) {
  /** @type {unknown} */
  const status = await mongodb.db('admin').command({ serverStatus: 1, repl: 0 });
  const answer = await fetch(`${natsMonitor}/varz`);
  /** @type {unknown} */
  const varz = await answer.json();
  return {
    mongodb: /** @type {StoresStatus['mongodb']} */ (status),
    nats: /** @type {StoresStatus['nats']} */ (varz),
  };
}
