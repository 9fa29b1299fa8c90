import { rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { JEST_NODE_OPTIONS } from '../jest/node-options.mjs';
import { readJson } from '../project/read-json.mjs';
import { runWithin } from './run-within.mjs';

/** The longest run of the tests of one fault, in milliseconds. A fault may make a test loop for ever. */
const RUN_MS_MAX = 600_000;

/** Stands for the names of failed tests of a file whose tests did not end. */
export const DID_NOT_END = `did not end in ${RUN_MS_MAX / 1_000} s, which counts as noticed`;

/**
 * @typedef {object} JestResult
 * @property {readonly FileResult[]} testResults
 *
 * @typedef {object} FileResult
 * @property {string} name
 * @property {string} status
 * @property {string} message
 * @property {readonly { status: string, fullName: string }[]} assertionResults
 */

/**
 * Runs tests of a copy of the checkout.
 *
 * @param {string} folder
 * @param {readonly string[]} files
 * @param {AbortSignal} signal
 * @param {number} [runMsMax]
 * @returns {Promise<ReadonlyMap<string, readonly string[]>>} the names of those that failed, by file; `DID_NOT_END`
 *   for each of the files that have `runMsMax` to themselves and don't end
 * @throws {Error} if the apps don't build, Jest does not run, or a file can't be loaded
 */
export async function failedTests(folder, files, signal, runMsMax = RUN_MS_MAX) {
  const resultFile = path.join(folder, 'result.json');
  rmSync(resultFile, { force: true });
  if (files.some((file) => file.endsWith('.e2e-spec.ts'))) {
    const built = await runWithin(folder, 'npm', ['run', '--silent', 'build'], signal, RUN_MS_MAX);
    if (built.code !== 0) throw new Error(`It does not compile:\n${built.lastWords}`);
  }
  // Jest must end even if a fault leaves handles open.
  const jest = [
    ...JEST_NODE_OPTIONS,
    'node_modules/jest/bin/jest.js',
    '--maxWorkers=2',
    '--forceExit',
  ];
  const output = ['--json', `--outputFile=${resultFile}`, '--runTestsByPath', ...files];
  const ran = await runWithin(folder, process.execPath, [...jest, ...output], signal, runMsMax);
  if (ran.isLate) return ofEachAlone(folder, files, signal, runMsMax);
  return failuresIn(folder, resultOf(resultFile, ran.lastWords));
}

/**
 * @param {string} resultFile
 * @param {string} lastWords
 * @returns {JestResult}
 */
function resultOf(resultFile, lastWords) {
  try {
    return /** @type {JestResult} */ (readJson(resultFile));
  } catch {
    throw new Error(`Jest did not run, or not to its end:\n${lastWords}`);
  }
}

/**
 * Runs each file alone, after a run of all files together did not end: only some of them may loop.
 *
 * @param {string} folder
 * @param {readonly string[]} files
 * @param {AbortSignal} signal
 * @param {number} runMsMax
 * @returns {Promise<ReadonlyMap<string, readonly string[]>>}
 */
async function ofEachAlone(folder, files, signal, runMsMax) {
  const [only, ...others] = files;
  if (only === undefined) return new Map();
  if (others.length === 0) return new Map([[only, [DID_NOT_END]]]);
  const found = [];
  for (const file of files) found.push(...(await failedTests(folder, [file], signal, runMsMax)));
  return new Map(found);
}

/**
 * @param {string} folder
 * @param {JestResult} result
 * @throws {Error} if a file failed without a test: none of its tests could notice a fault
 */
function failuresIn(folder, { testResults }) {
  return new Map(
    testResults.map(({ name, status, message, assertionResults }) => {
      const file = path.relative(folder, name);
      if (status === 'failed' && assertionResults.length === 0)
        throw new Error(`No test of ${file} ran:\n${message}`);
      const failed = assertionResults.filter((one) => one.status === 'failed');
      return [file, failed.map(({ fullName }) => fullName)];
    }),
  );
}
