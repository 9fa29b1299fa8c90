import path from 'node:path';
import { appUrl, operationsUrl, startApp } from './app-process.mjs';
import { executorSettings, listenerSettings } from './app-settings.mjs';

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
  const executor = await startApp({
    app: 'workflow-executor',
    logFile: path.join(folder, 'logs/executor.log'),
    settings: (url) => executorSettings(settings, url),
    ...(ports.executor !== undefined && { port: ports.executor }),
    ...(ports.executorOperations !== undefined && { operationsPort: ports.executorOperations }),
    signal,
  });
  parts.add('executor', executor);
  const executorUrl = appUrl(executor.port);
  const listener = await startApp({
    app: 'listener',
    logFile: path.join(folder, 'logs/listener.log'),
    settings: () => listenerSettings(settings, executorUrl),
    ...(ports.listener !== undefined && { port: ports.listener }),
    ...(ports.listenerOperations !== undefined && { operationsPort: ports.listenerOperations }),
    signal,
  });
  parts.add('listener', listener);
  const listenerUrl = appUrl(listener.port);
  return {
    executorUrl,
    listenerUrl,
    executorOperationsUrl: operationsUrl(executorUrl),
    listenerOperationsUrl: operationsUrl(listenerUrl),
  };
}
