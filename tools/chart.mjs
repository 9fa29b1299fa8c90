import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {
  CHART,
  KUBERNETES_VERSIONS,
  OWN_STORES,
  REFUSED_VALUES,
  VALUES_MATRIX,
} from './chart/chart.mjs';
import { helmBinary } from './chart/kubernetes-clients.mjs';
import { Tally } from './project/tally.mjs';
import { validateManifests } from './chart/validate-manifests.mjs';
import { writtenFiles } from './chart/written-files.mjs';
import { readCommand } from './project/run-command.mjs';
import { findServerBinary } from './servers/server-binary.mjs';

/**
 * `npm run check:chart` lints the Helm chart, renders it with every set of values, validates the manifests against the
 * schemas of the oldest and the newest Kubernetes, and checks that invalid values are refused. It also checks that the
 * generated files (the plain manifests, the table of values, the copies of rules and dashboard) are up to date;
 * `-- --write` updates them. The last line on standard output says how many checks passed and failed.
 */

const write = process.argv.includes('--write');
const tally = new Tally();

const helm = await findServerBinary(helmBinary);
const folder = await mkdtemp(path.join(tmpdir(), 'flow-chart-'));
try {
  await tally.check('the written files', async () => {
    const stale = await writtenFiles(render, write);
    if (stale.length > 0) throw new Error(`${stale.join(', ')}: npm run check:chart -- --write`);
  });
  await tally.check('helm lint', () =>
    readCommand(helm, ['lint', '--strict', CHART, ...sets(OWN_STORES)]),
  );
  /** @type {string[]} */
  const files = [];
  for (const [name, values] of Object.entries(VALUES_MATRIX)) {
    await tally.check(`rendered: ${name}`, async () => {
      const file = path.join(folder, `${files.length}.yaml`);
      await writeFile(file, await render(values));
      files.push(file);
    });
  }
  for (const { values, says } of REFUSED_VALUES) {
    await tally.check(`refused: ${values.at(-1) ?? 'no values'}`, () => rejection(values, says));
  }
  for (const version of KUBERNETES_VERSIONS) {
    await tally.check(`Kubernetes ${version}`, () => validateManifests(version, files));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
tally.close();

/**
 * @param {readonly string[]} values
 * @returns {Promise<string>} the manifests
 */
function render(values) {
  return readCommand(helm, ['template', 'flow', CHART, ...sets(values)]);
}

/** @param {readonly string[]} values */
function sets(values) {
  return values.flatMap((value) => ['--set', value]);
}

/**
 * @param {readonly string[]} values
 * @param {string} says
 */
async function rejection(values, says) {
  const problem = await render(values).then(
    () => undefined,
    (/** @type {unknown} */ error) => String(error),
  );
  if (problem === undefined) throw new Error('It was rendered all the same');
  if (!problem.includes(says)) throw new Error(`It does not say "${says}": ${problem}`);
}
