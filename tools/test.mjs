import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { ensureBuild } from './project/build.mjs';
import { ensureDependencies } from './project/dependencies.mjs';
import { readJson } from './project/read-json.mjs';
import { runCommand } from './project/run-command.mjs';
import { stopOnSignals } from './project/process-life.mjs';
import { messageOf, say } from './project/say.mjs';
import { closingLine } from './jest/closing-line.mjs';
import { JEST_NODE_OPTIONS } from './jest/node-options.mjs';

/**
 * `npm test`: all tests, on real servers. Arguments are passed on to Jest. The last line on standard
 * output says how many passed and failed.
 */

const JEST = 'node_modules/jest/bin/jest.js';

/**
 * Twice as many test files at once as two cores: most of them wait for a lease, a start or a server for most of their
 * time. With three, both cores were idle for an eighth of the time. It is also how tests show that they don't collide.
 */
const WORKERS = '--maxWorkers=4';

const stop = stopOnSignals();

process.exitCode = await main(process.argv.slice(2));

/**
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
async function main(args) {
  const folder = mkdtempSync(path.join(tmpdir(), 'flow-eventing-results-'));
  const resultFile = path.join(folder, 'result.json');
  try {
    await ensureDependencies(stop.signal);
    await ensureBuild(stop.signal);
    const failed = await runJest(args, resultFile);
    process.stdout.write(`${closingLine(readJson(resultFile))}\n`);
    return failed ? 1 : 0;
  } catch (error) {
    say(messageOf(error));
    return 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string[]} args
 * @param {string} resultFile
 * @returns {Promise<boolean>} whether it failed
 */
async function runJest(args, resultFile) {
  try {
    await runCommand(
      process.execPath,
      [...[...JEST_NODE_OPTIONS, JEST, WORKERS, '--json', `--outputFile=${resultFile}`, ...args]],
      { signal: stop.signal },
    );
    return false;
  } catch (error) {
    say(messageOf(error));
    return true;
  }
}
