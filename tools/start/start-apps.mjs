import path from 'node:path';
import { appUrl, startApp } from './app-process.mjs';
import { executorSettings, listenerSettings } from './app-settings.mjs';

/**
 * @param {import('./choose-ports.mjs').Ports} ports
 * @param {import('./app-settings.mjs').SystemSettings} settings
 * @param {string} folder
 * @param {import('./running-parts.mjs').RunningParts} parts
 * @param {AbortSignal} signal
 * @returns {Promise<{ executorUrl: string, listenerUrl: string }>} when both are ready
 */
export async function startApps(ports, settings, folder, parts, signal) {
  const executor = await startApp({
    app: 'workflow-executor',
    logFile: path.join(folder, 'logs/executor.log'),
    settings: (url) => executorSettings(settings, url),
    ...(ports.executor !== undefined && { port: ports.executor }),
    signal,
  });
  parts.add('executor', executor);
  const executorUrl = appUrl(executor.port);
  const listener = await startApp({
    app: 'listener',
    logFile: path.join(folder, 'logs/listener.log'),
    settings: () => listenerSettings(settings, executorUrl),
    ...(ports.listener !== undefined && { port: ports.listener }),
    signal,
  });
  parts.add('listener', listener);
  return { executorUrl, listenerUrl: appUrl(listener.port) };
}
