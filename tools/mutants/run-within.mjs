import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { cacheFolder } from '../servers/server-binary.mjs';

const LOG_CHARS_SHOWN = 4_000;

/** The seeds of simulations: the same each time, and more than in `npm test`. Some faults need one seed in 100. */
const SEEDS = { SIMULATION_FIRST: '1', SIMULATION_SEEDS: '300' };

/**
 * Runs a program, and kills it with all its child processes when it takes too long. A worker of Jest in an endless
 * loop does not notice that Jest has ended.
 *
 * @param {string} cwd
 * @param {string} command
 * @param {readonly string[]} args
 * @param {AbortSignal} signal
 * @param {number} msMax
 * @returns {Promise<{ code: number | null, isLate: boolean, lastWords: string }>} when it has ended, however
 */
export function runWithin(cwd, command, args, signal, msMax) {
  signal.throwIfAborted();
  const logFile = path.join(cwd, 'mutant.log');
  const log = openSync(logFile, 'w');
  const env = { ...process.env, ...SEEDS, SERVERS_CACHE_DIR: cacheFolder() };
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const end = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, msMax);
  signal.addEventListener('abort', end, { once: true });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve({ code, isLate, lastWords: readFileSync(logFile, 'utf8').slice(-LOG_CHARS_SHOWN) });
    });
  }).finally(() => {
    signal.throwIfAborted();
  });
}
