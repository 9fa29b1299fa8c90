import process from 'node:process';
import { builtApp } from '../project/build.mjs';
import { freePort } from '../servers/free-port.mjs';
import { onFreePort } from '../servers/on-free-port.mjs';
import { RestartableServer } from '../servers/restartable-server.mjs';
import { ServerProcess } from '../servers/server-process.mjs';
import { untilReady } from '../servers/until-ready.mjs';

/** What an app logs if its port is in use. */
export const PORT_TAKEN = /EADDRINUSE/;
const HOST = '127.0.0.1';

/** The operations port of each app, by the app's port. An app keeps both ports when it is started again. */
const operationsPorts = /** @type {Map<number, number>} */ (new Map());

/**
 * @typedef {object} AppOptions
 * @property {import('../project/build.mjs').App} app
 * @property {string} logFile
 * @property {(url: string) => Record<string, string>} settings environment variables, given the
 *   URL it will have
 * @property {number} [port] the required port; without it, a free one
 * @property {number} [operationsPort] the required port; without it, a free one
 * @property {AbortSignal} [signal] aborts the start
 */

/**
 * @param {AppOptions} options
 * @returns {Promise<RestartableServer>} when the app is ready
 */
export async function startApp({ app, logFile, settings, port, operationsPort, signal }) {
  return RestartableServer.start((wanted) => {
    const launchOn = async (/** @type {number} */ free) => {
      const known = operationsPorts.get(free) ?? operationsPort ?? (await freePort());
      operationsPorts.set(free, known);
      return launch({ app, logFile, settings, port: free, operationsPort: known }, signal);
    };
    return wanted === undefined ? onFreePort(PORT_TAKEN, launchOn) : launchOn(wanted);
  }, port);
}

/**
 * Where an app that was started here serves metrics and health.
 *
 * @param {string} url of the app
 * @returns {string}
 */
export function operationsUrl(url) {
  const port = operationsPorts.get(Number(new URL(url).port));
  if (port === undefined) throw new Error(`No app was started here at ${url}`);
  return appUrl(port);
}

/**
 * @param {number} port
 * @returns {string}
 */
export function appUrl(port) {
  return `http://${HOST}:${port}`;
}

/**
 * @param {Required<Pick<AppOptions, 'app' | 'logFile' | 'settings' | 'port' | 'operationsPort'>>} what
 * @param {AbortSignal} [signal]
 */
async function launch({ app, logFile, settings, port, operationsPort }, signal) {
  const url = appUrl(port);
  const server = new ServerProcess({
    name: app,
    command: process.execPath,
    args: ['--enable-source-maps', builtApp(app)],
    env: {
      ...process.env,
      HOST,
      PORT: String(port),
      OPERATIONS_HOST: HOST,
      OPERATIONS_PORT: String(operationsPort),
      ...settings(url),
    },
    logFile,
  });
  await untilReady(server, () => isReady(appUrl(operationsPort)), signal);
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
