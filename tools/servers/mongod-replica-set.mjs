import path from 'node:path';
import { waitFor } from '../project/wait-for.mjs';
import { freePort } from './free-port.mjs';
import { launchMongod, PORT_TAKEN, REPLICA_SET, withMongod } from './mongod.mjs';
import { onFreePort } from './on-free-port.mjs';
import { RestartableServer } from './restartable-server.mjs';
import { startTogether } from './start-together.mjs';

/** The election timeout: a fifth of MongoDB's default, because all members are on one machine. */
const ELECTION_TIMEOUT_MS = 2_000;
const ELECTED_MS_MAX = 60_000;

/** The members of `hello` that show whether a member is, or may become, the primary. */
const TAKES_PART = ['isWritablePrimary', 'secondary'];

/** Three mongods as one replica set, on the loopback interface. */

/**
 * @param {{ binary: string, dataDir: string, signal?: AbortSignal }} options the folder must be new
 * @returns {Promise<readonly RestartableServer[]>} when one is primary and the others follow it
 */
export async function startMongodReplicaSet({ binary, dataDir, signal }) {
  return onFreePort(PORT_TAKEN, async (first) => {
    const ports = [first, await freePort(), await freePort()];
    return startTogether(
      ports.map((port, index) => () => {
        const memberFolder = path.join(dataDir, `mongod-${index + 1}`);
        const isReady = index === 0 ? founderOf(ports) : takesPart;
        return RestartableServer.start(
          () => launchMongod({ binary, dataDir: memberFolder, port }, isReady, signal),
          port,
        );
      }),
    );
  });
}

/**
 * @param {readonly { port: number }[]} members
 * @param {string} [database]
 * @returns {string}
 */
export function mongodReplicaSetUrl(members, database = '') {
  const hosts = members.map(({ port }) => `127.0.0.1:${port}`).join(',');
  return `mongodb://${hosts}/${database}?replicaSet=${REPLICA_SET}`;
}

/**
 * @param {readonly RestartableServer[]} members
 * @returns {Promise<RestartableServer>} the primary, as soon as there is one
 */
export function primaryOf(members) {
  return waitFor(
    'a primary',
    async () => {
      for (const member of members) {
        const isPrimary = await withMongod(member.pid, member.port, async (client) => {
          const hello = await client.db('admin').command({ hello: 1 });
          return hello['isWritablePrimary'] === true;
        }).catch(() => false);
        if (isPrimary) return member;
      }
      return undefined;
    },
    { timeoutMs: ELECTED_MS_MAX },
  );
}

/**
 * @param {number} pid
 * @param {number} port
 * @returns {Promise<true | undefined>}
 */
function takesPart(pid, port) {
  return withMongod(pid, port, async (client) => {
    const hello = await client.db('admin').command({ hello: 1 });
    return TAKES_PART.some((role) => hello[role] === true) ? true : undefined;
  });
}

/**
 * @param {readonly number[]} ports of all members
 * @returns {(pid: number, port: number) => Promise<true | undefined>} initiates the replica set as
 *   soon as the other members run and can vote; ready like any other member
 */
function founderOf(ports) {
  return async (pid, port) => {
    const ready = await takesPart(pid, port);
    if (ready) return ready;
    const members = ports.map((member, _id) => ({ _id, host: `127.0.0.1:${member}` }));
    const settings = { electionTimeoutMillis: ELECTION_TIMEOUT_MS };
    await withMongod(pid, port, (client) =>
      client.db('admin').command({ replSetInitiate: { _id: REPLICA_SET, members, settings } }),
    );
    return undefined;
  };
}
