import path from 'node:path';
import { onFreePort } from '../servers/on-free-port.mjs';
import { startTogether } from '../servers/start-together.mjs';
import { appUrl, operationsUrl, PORT_TAKEN, startApp } from './app-process.mjs';
import { executorSettings, listenerSettings, nodeSettings } from './app-settings.mjs';

/**
 * @typedef {object} AppUrls
 * @property {string} executorUrl
 * @property {string} listenerUrl
 * @property {string} executorOperationsUrl metrics and health
 * @property {string} listenerOperationsUrl
 */

/**
 * @param {import('./choose-ports.mjs').Ports} ports
 * @param {import('./app-settings.mjs').SystemSettings} settings
 * @param {string} folder
 * @param {import('./running-parts.mjs').RunningParts} parts
 * @param {AbortSignal} signal
 * @returns {Promise<AppUrls>} when both are ready
 */
export async function startApps(ports, settings, folder, parts, signal) {
  const start = (/** @type {number} */ executorPort) =>
    startBoth({ ...ports, executor: executorPort }, settings, folder, signal);
  const [executor, listener] = await (ports.executor === undefined
    ? onFreePort(PORT_TAKEN, start)
    : start(ports.executor));
  parts.add('executor', executor);
  parts.add('listener', listener);
  const [executorUrl, listenerUrl] = [appUrl(executor.port), appUrl(listener.port)];
  return {
    executorUrl,
    listenerUrl,
    executorOperationsUrl: operationsUrl(executorUrl),
    listenerOperationsUrl: operationsUrl(listenerUrl),
  };
}

/**
 * Starts both apps at the same time: the listener needs only the executor's address.
 *
 * @param {import('./choose-ports.mjs').Ports & { executor: number }} ports
 * @param {import('./app-settings.mjs').SystemSettings} settings
 * @param {string} folder
 * @param {AbortSignal} signal
 */
function startBoth(ports, settings, folder, signal) {
  return startTogether(
    /** @type {const} */ ([
      (/** @type {AbortSignal} */ stop) =>
        startApp({
          app: 'workflow-executor',
          logFile: path.join(folder, 'logs/executor.log'),
          settings: (url) => ({ ...nodeSettings(), ...executorSettings(settings, url) }),
          port: ports.executor,
          ...(ports.executorOperations !== undefined && {
            operationsPort: ports.executorOperations,
          }),
          signal: stop,
        }),
      (/** @type {AbortSignal} */ stop) =>
        startApp({
          app: 'listener',
          logFile: path.join(folder, 'logs/listener.log'),
          settings: () => ({
            ...nodeSettings(),
            ...listenerSettings(settings, appUrl(ports.executor)),
          }),
          ...(ports.listener !== undefined && { port: ports.listener }),
          ...(ports.listenerOperations !== undefined && {
            operationsPort: ports.listenerOperations,
          }),
          signal: stop,
        }),
    ]),
    signal,
  );
}
