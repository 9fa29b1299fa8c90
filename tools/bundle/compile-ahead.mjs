import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

/** An app that runs, and reaches nothing: all of its modules and most of its start are compiled by then. */
const SETTINGS = {
  LOG_FORMAT: 'json',
  HOST: '127.0.0.1',
  PORT: '0',
  OPERATIONS_HOST: '127.0.0.1',
  OPERATIONS_PORT: '0',
  MONGODB_URL: 'mongodb://127.0.0.1:1/none',
  NATS_URL: 'nats://127.0.0.1:1',
  EXECUTOR_URL: 'http://127.0.0.1:1',
  PUBLIC_API_URL: 'http://127.0.0.1:1',
  INTERNAL_SECRET: 'of-an-app-that-nobody-will-ever-call',
};
const IS_UP = /"msg":"[a-z-]+ is up"/;
const RUNS_MS_MAX = 60_000;

const KEEP_COMPILED = pathToFileURL(path.join(import.meta.dirname, 'keep-compiled.mjs')).href;

/**
 * Keeps what V8 compiles of an app when it starts, for V8 with the same NODE_OPTIONS. Where the app can't run, nothing is
 * kept: it starts without.
 *
 * @param {string} main of the app
 */
export async function compileAhead(main) {
  const child = spawn(process.execPath, [`--import=${KEEP_COMPILED}`, main], {
    env: { NODE_OPTIONS: process.env['NODE_OPTIONS'], ...SETTINGS },
    stdio: ['ignore', 'pipe', 'ignore'],
    signal: AbortSignal.timeout(RUNS_MS_MAX),
    killSignal: 'SIGKILL',
  });
  let log = '';
  child.stdout.on('data', (/** @type {Buffer} */ part) => {
    log += part.toString();
    if (IS_UP.test(log)) child.kill('SIGTERM');
  });
  await once(child, 'close').catch(() => undefined);
}
