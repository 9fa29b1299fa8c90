import path from 'node:path';
import process from 'node:process';
import { freePort } from '../../tools/servers/free-port.mjs';
import { onFreePort } from '../../tools/servers/on-free-port.mjs';
import { ServerProcess } from '../../tools/servers/server-process.mjs';
import { untilReady } from '../../tools/servers/until-ready.mjs';

const HOST = '127.0.0.1';
const PORT_TAKEN = /EADDRINUSE/;

/**
 * A Node program that serves HTTP on the port in `PORT` and answers `GET /health/ready`, on the port in
 * `OPERATIONS_PORT` if it has `operations`.
 *
 * @typedef {object} Service
 * @property {string} url
 * @property {string} operationsUrl where its health is
 * @property {number} pid
 * @property {() => Promise<unknown>} stop
 *
 * @typedef {object} ServiceOptions
 * @property {string} name
 * @property {string} script
 * @property {(url: string) => Record<string, string>} env more environment variables
 * @property {string} folder for its log
 * @property {boolean} [operations]
 * @property {string} [profileFolder] where its CPU profile goes when it ends
 *
 * @param {ServiceOptions} options
 * @returns {Promise<Service>} when it is ready
 */
export function startService({ name, script, env, folder, profileFolder, operations = false }) {
  const profiling = profileFolder === undefined ? [] : profilingArgs(name, profileFolder);
  return onFreePort(PORT_TAKEN, async (port) => {
    const url = `http://${HOST}:${port}`;
    const operationsPort = operations ? await freePort() : port;
    const operationsUrl = `http://${HOST}:${operationsPort}`;
    const server = new ServerProcess({
      name,
      command: process.execPath,
      args: [...profiling, '--enable-source-maps', script],
      env: {
        ...process.env,
        HOST,
        PORT: String(port),
        OPERATIONS_PORT: String(operationsPort),
        ...env(url),
      },
      logFile: path.join(folder, `${name}.log`),
    });
    await untilReady(server, () => isReady(operationsUrl));
    return { url, operationsUrl, pid: server.pid, stop: () => server.stop() };
  });
}

/**
 * @param {string} name
 * @param {string} folder
 */
function profilingArgs(name, folder) {
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}.cpuprofile`];
}

/**
 * @param {string} url
 * @returns {Promise<true | undefined>}
 */
async function isReady(url) {
  const { ok } = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5_000) });
  return ok || undefined;
}
