import process from 'node:process';
import { ensureBuild } from './project/build.mjs';
import { ensureDependencies } from './project/dependencies.mjs';
import { stopOnSignals } from './project/process-life.mjs';
import { messageOf, say } from './project/say.mjs';
import { OptionsInvalidError, parseOptions, USAGE } from './start/options.mjs';

/**
 * `npm start`. The modules imported above need no dependencies, because these may not be installed yet. Modules that need
 * them are imported later.
 */

const PARENT_CHECK_MS = 500;

const stop = stopOnSignals(() => {
  say('\nStopping ...');
});

// A shell between npm and this process may end without forwarding the signal. Then the parent process is another one.
const parent = process.ppid;
if (process.env['npm_lifecycle_event'] === 'start') {
  setInterval(() => {
    if (process.ppid !== parent) stop.abort();
  }, PARENT_CHECK_MS).unref();
}

process.exitCode = await main();

/** @returns {Promise<number>} the exit code */
async function main() {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options.help) {
      process.stdout.write(USAGE);
      return 0;
    }
    await start(options);
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return 0;
    say(messageOf(error));
    return error instanceof OptionsInvalidError ? 2 : 1;
  }
}

/** @param {import('./start/options.mjs').StartOptions} options */
async function start(options) {
  await ensureDependencies(stop.signal);
  await ensureBuild(stop.signal);
  const { runSystem } = await import('./start/run-system.mjs');
  const { reportForPeople, reportForScripts } = await import('./start/report.mjs');
  const report = options.json ? reportForScripts : reportForPeople;
  await runSystem(options, stop.signal, (system) => {
    process.stdout.write(report(system));
  });
}
