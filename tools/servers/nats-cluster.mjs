import path from 'node:path';
import { freePort } from './free-port.mjs';
import { natsUrl, startNatsServer } from './nats-server.mjs';
import { onFreePort } from './on-free-port.mjs';
import { startTogether } from './start-together.mjs';

const PORT_TAKEN = /address already in use/;

/** Three nats-servers that keep streams of three copies, on the loopback interface. */

/**
 * @param {{ binary: string, dataDir: string, signal?: AbortSignal }} options
 * @returns {Promise<readonly import('./restartable-server.mjs').RestartableServer[]>} when JetStream
 *   answers on each
 */
export async function startNatsCluster({ binary, dataDir, signal }) {
  return onFreePort(PORT_TAKEN, async (first) => {
    const routes = [first, await freePort(), await freePort()];
    return startTogether(
      routes.map((port, index) => () => {
        const name = natsMemberName(index);
        return startNatsServer({
          binary,
          dataDir: path.join(dataDir, name),
          member: { name, port, routes },
          ...(signal && { signal }),
        });
      }),
    );
  });
}

/**
 * @param {number} index from 0
 * @returns {string} the name by which JetStream calls the leader of a stream
 */
export function natsMemberName(index) {
  return `nats-${index + 1}`;
}

/**
 * @param {readonly { port: number }[]} members
 * @returns {string} with commas between
 */
export function natsClusterUrl(members) {
  return members.map(({ port }) => natsUrl(port)).join(',');
}
