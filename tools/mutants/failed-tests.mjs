import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { cacheFolder } from '../servers/server-binary.mjs';
import { readJson } from '../project/read-json.mjs';

const NODE_OPTIONS = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const LOG_CHARS_SHOWN = 4_000;

/** A fault that spins instead of failing would keep all that come after it from being tried. */
const RUN_MS_MAX = 600_000;

/**
 * @typedef {object} JestResult
 * @property {readonly { name: string, assertionResults: readonly { status: string, fullName: string }[] }[]} testResults
 */

/**
 * Runs tests of a copy of the checkout.
 *
 * @param {string} folder
 * @param {readonly string[]} files
 * @param {AbortSignal} signal
 * @returns {Promise<ReadonlyMap<string, readonly string[]>>} the names of those that failed, by file
 * @throws {Error} if the apps don't build, or Jest does not run to its end in `RUN_MS_MAX`
 */
export async function failedTests(folder, files, signal) {
  const resultFile = path.join(folder, 'result.json');
  rmSync(resultFile, { force: true });
  if (files.some((file) => file.endsWith('.e2e-spec.ts'))) {
    const built = await run(folder, 'npm', ['run', '--silent', 'build'], signal);
    if (built.code !== 0) throw new Error(`It does not compile:\n${built.lastWords}`);
  }
  // What a fault leaves hanging must not keep Jest from ending.
  const jest = [...NODE_OPTIONS, 'node_modules/jest/bin/jest.js', '--maxWorkers=2', '--forceExit'];
  const output = ['--json', `--outputFile=${resultFile}`, '--runTestsByPath', ...files];
  const ran = await run(folder, process.execPath, [...jest, ...output], signal);
  try {
    return failuresIn(folder, /** @type {JestResult} */ (readJson(resultFile)));
  } catch {
    throw new Error(`Jest did not run, or not to its end:\n${ran.lastWords}`);
  }
}

/**
 * @param {string} folder
 * @param {JestResult} result
 */
function failuresIn(folder, { testResults }) {
  return new Map(
    testResults.map(({ name, assertionResults }) => {
      const failed = assertionResults.filter(({ status }) => status === 'failed');
      return [path.relative(folder, name), failed.map(({ fullName }) => fullName)];
    }),
  );
}

/**
 * @param {string} cwd
 * @param {string} command
 * @param {readonly string[]} args
 * @param {AbortSignal} signal
 * @returns {Promise<{ code: number | null, lastWords: string }>} when it has ended, however
 */
function run(cwd, command, args, signal) {
  signal.throwIfAborted();
  const logFile = path.join(cwd, 'mutant.log');
  const log = openSync(logFile, 'w');
  const env = { ...process.env, SERVERS_CACHE_DIR: cacheFolder() };
  const child = spawn(command, args, {
    cwd,
    env,
    signal,
    timeout: RUN_MS_MAX,
    killSignal: 'SIGKILL',
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      resolve({ code, lastWords: readFileSync(logFile, 'utf8').slice(-LOG_CHARS_SHOWN) });
    });
  });
}
