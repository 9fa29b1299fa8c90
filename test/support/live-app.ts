import process from 'node:process';
import { type App, builtApp } from '../../tools/project/build.mjs';
import { waitFor } from '../../tools/project/wait-for.mjs';
import { onFreePort } from '../../tools/servers/on-free-port.mjs';
import { ServerProcess } from '../../tools/servers/server-process.mjs';
import { ask } from './answer.js';

/** A running app, ready or not. */
export interface LiveApp {
  readonly child: ServerProcess;
  readonly operationsUrl: string;
}

export interface LoggedLine {
  readonly message: string;
  readonly reason: string;
}

/** Starts an app that is not expected to reach its stores. */
export async function startLiveApp(
  app: App,
  logFile: string,
  stores: { readonly MONGODB_URL: string; readonly NATS_URL: string },
  env: Readonly<Record<string, string>> = {},
): Promise<LiveApp> {
  let operationsUrl = '';
  const child = await onFreePort(/EADDRINUSE/, (port: number) => {
    operationsUrl = `http://127.0.0.1:${port}`;
    const settings = { ...SETTINGS, ...stores, ...env, OPERATIONS_PORT: String(port) };
    return untilLive(app, logFile, settings, operationsUrl);
  });
  return { child, operationsUrl };
}

/** What it has logged at level `warn`. */
export function warningsOf(child: ServerProcess): LoggedLine[] {
  return child
    .printed()
    .split('\n')
    .filter((line) => line.includes('"level":"warn"'))
    .map((line) => JSON.parse(line) as { msg?: string; message?: string; reason?: string })
    .map(({ msg = '', message = msg, reason = '' }) => ({ message, reason }));
}

const SETTINGS = {
  HOST: '127.0.0.1',
  PORT: '0',
  OPERATIONS_HOST: '127.0.0.1',
  LOG_FORMAT: 'json',
  INTERNAL_SECRET: 'a-secret-that-is-long-enough-for-it-to-be-one',
  EXECUTOR_URL: 'http://127.0.0.1:1',
  PUBLIC_API_URL: 'http://127.0.0.1:1',
};

async function untilLive(
  app: App,
  logFile: string,
  env: Record<string, string>,
  url: string,
): Promise<ServerProcess> {
  const child = new ServerProcess({
    name: app,
    command: process.execPath,
    args: [builtApp(app)],
    env,
    logFile,
  });
  await waitFor('the app', async () => {
    if (!child.isRunning) throw child.failure('did not start');
    const answer = await ask(`${url}/health/live`).catch(() => undefined);
    return answer?.status === 200 ? true : undefined;
  });
  return child;
}
