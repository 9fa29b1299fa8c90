import path from 'node:path';
import { projectRoot } from './project/project-root.mjs';
import { readCommand } from './project/run-command.mjs';
import { Tally } from './project/tally.mjs';
import { findServerBinary } from './servers/server-binary.mjs';

/**
 * `npm run check:alerts`: the rules for Prometheus and their tests, by Prometheus' own promtool.
 * Exits as `Tally` says; skipped if there is no promtool.
 */

const RULES = path.join(projectRoot, 'deploy/prometheus/flow-eventing.rules.yml');
const TESTS = path.join(projectRoot, 'deploy/prometheus/flow-eventing.rules.test.yml');

/** @type {import('./servers/server-binary.mjs').ServerBinary} */
const promtoolBinary = {
  name: 'promtool',
  versionMin: '2.40.0',
  setting: 'PROMTOOL_BINARY',
  downloads: [],
  remedies: [
    'install Prometheus (Debian: prometheus), so that promtool is on the PATH',
    'PROMTOOL_BINARY=/path/to/promtool names one',
  ],
};

const tally = new Tally();
try {
  const promtool = await findServerBinary(promtoolBinary);
  await tally.check('the rules', () => readCommand(promtool, ['check', 'rules', RULES]));
  await tally.check('their tests', () => readCommand(promtool, ['test', 'rules', TESTS]));
} catch (error) {
  if (!(error instanceof Error) || error.name !== 'ServerBinaryMissingError') throw error;
  tally.skip(`no alert was checked: ${error.message}`);
}
tally.close();
