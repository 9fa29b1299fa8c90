import process from 'node:process';
import { builtApp } from '../project/build.mjs';
import { onFreePort } from '../servers/on-free-port.mjs';
import { RestartableServer } from '../servers/restartable-server.mjs';
import { ServerProcess } from '../servers/server-process.mjs';
import { untilReady } from '../servers/until-ready.mjs';

const PORT_TAKEN = /EADDRINUSE/;
const HOST = '127.0.0.1';

/**
 * @typedef {object} AppOptions
 * @property {import('../project/build.mjs').App} app
 * @property {string} logFile
 * @property {(url: string) => Record<string, string>} settings environment variables, given the
 *   URL it will have
 * @property {number} [port] of choice; otherwise a free one
 * @property {AbortSignal} [signal] gives up starting
 */

/**
 * @param {AppOptions} options
 * @returns {Promise<RestartableServer>} when it says that it is ready
 */
export async function startApp({ app, logFile, settings, port, signal }) {
  return RestartableServer.start((wanted) => {
    const launchOn = (/** @type {number} */ free) =>
      launch({ app, logFile, settings, port: free }, signal);
    return wanted === undefined ? onFreePort(PORT_TAKEN, launchOn) : launchOn(wanted);
  }, port);
}

/**
 * @param {number} port
 * @returns {string}
 */
export function appUrl(port) {
  return `http://${HOST}:${port}`;
}

/**
 * @param {Required<Pick<AppOptions, 'app' | 'logFile' | 'settings' | 'port'>>} what
 * @param {AbortSignal} [signal]
 */
async function launch({ app, logFile, settings, port }, signal) {
  const url = appUrl(port);
  const server = new ServerProcess({
    name: app,
    command: process.execPath,
    args: ['--enable-source-maps', builtApp(app)],
    env: { ...process.env, HOST, PORT: String(port), ...settings(url) },
    logFile,
  });
  await untilReady(server, () => isReady(url), signal);
  return { process: server, port };
}

/**
 * @param {string} url
 * @returns {Promise<true | undefined>}
 */
async function isReady(url) {
  const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5_000) });
  if (response.ok) return true;
  throw new Error(`/health/ready answers ${response.status}: ${await response.text()}`);
}
