import path from 'node:path';
import process from 'node:process';
import { freePort } from '../servers/free-port.mjs';
import { onFreePort } from '../servers/on-free-port.mjs';
import { ServerProcess } from '../servers/server-process.mjs';
import { untilReady } from '../servers/until-ready.mjs';
import { appUrl } from '../start/app-process.mjs';

/** How long a process may take to stop: twice the app's own limit (`SHUTDOWN_MS_MAX`). */
const STOP_MS_MAX = 30_000;

/**
 * One process of an app.
 *
 * @typedef {object} Member
 * @property {import('../project/build.mjs').App} app
 * @property {string} release
 * @property {string} url
 * @property {string} logFile
 * @property {() => Promise<string>} stop resolves with how it ended
 * @property {() => Promise<void>} kill by SIGKILL
 */

/**
 * @param {import('../project/build.mjs').App} app
 * @param {import('./release.mjs').Release} release
 * @param {Readonly<Record<string, string>>} settings
 * @param {string} folder of its log
 * @returns {Promise<Member>} when it is ready
 */
export async function startMember(app, release, settings, folder) {
  return onFreePort(/EADDRINUSE/, async (port) => {
    const operations = await freePort();
    const logFile = path.join(folder, `${app}-${release.name}-${port}.log`.replaceAll(' ', '-'));
    const child = new ServerProcess({
      name: app,
      command: process.execPath,
      args: [release.program(app)],
      env: {
        HOST: '127.0.0.1',
        OPERATIONS_HOST: '127.0.0.1',
        LOG_FORMAT: 'json',
        ...settings,
        PORT: String(port),
        OPERATIONS_PORT: String(operations),
      },
      logFile,
    });
    await untilReady(child, () => isReady([operations, port]));
    const stop = async () => {
      await child.stop({ graceMs: STOP_MS_MAX });
      return child.ended;
    };
    const kill = () => child.kill();
    return { app, release: release.name, url: appUrl(port), logFile, stop, kill };
  });
}

/**
 * Releases before the operators' port have health on their only one.
 *
 * @param {readonly number[]} ports
 * @returns {Promise<true | undefined>}
 */
async function isReady(ports) {
  for (const port of ports) {
    const answer = await fetch(`${appUrl(port)}/health/ready`).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok) return true;
  }
  return undefined;
}
