import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { onFreePort } from '../../tools/servers/on-free-port.mjs';
import { ServerProcess } from '../../tools/servers/server-process.mjs';
import { untilReady } from '../../tools/servers/until-ready.mjs';

const BINARY = 'redis-server';
const PORT_TAKEN = /Address already in use/;

/** @returns {string | undefined} its version, if there is one on the PATH */
export function redisVersion() {
  const { stdout, error } = spawnSync(BINARY, ['--version'], { encoding: 'utf8' });
  return error ? undefined : /v=(\S+)/.exec(stdout)?.[1];
}

/**
 * A Redis on the loopback interface with an append-only file and nothing else.
 *
 * @param {string} folder
 * @param {'always' | 'everysec'} appendFsync when appended commands are synced to disk: before the answer,
 *   or within about a second
 * @returns {Promise<{ port: number, pid: number, stop: () => Promise<unknown> }>}
 */
export function startRedis(folder, appendFsync) {
  const dataDir = path.join(folder, `redis-${appendFsync}`);
  mkdirSync(dataDir, { recursive: true });
  return onFreePort(PORT_TAKEN, async (port) => {
    const server = new ServerProcess({
      name: `redis ${appendFsync}`,
      command: BINARY,
      args: [
        ...['--bind', '127.0.0.1', '--port', String(port), '--dir', dataDir, '--save', ''],
        ...['--appendonly', 'yes', '--appendfsync', appendFsync],
        ...['--maxmemory-policy', 'noeviction'],
      ],
      logFile: path.join(dataDir, 'redis.log'),
    });
    await untilReady(server, () => takesConnections(port));
    return { port, pid: server.pid, stop: () => server.stop() };
  });
}

/**
 * @param {number} port
 * @returns {Promise<true | undefined>}
 */
function takesConnections(port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', reject);
  });
}
