import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { projectRoot } from '../project/project-root.mjs';
import { valuesTable } from './values-table.mjs';

const DEPLOY = path.join(projectRoot, 'deploy');
const README = 'helm/flow-eventing/README.md';
const TABLE = /(<!-- values -->\n)[\s\S]*(<!-- \/values -->)/;

/** Files from outside the chart that are copied into it, because Helm reads only files of the chart. */
const COPIES = {
  'prometheus/flow-eventing.rules.yml': 'helm/flow-eventing/files/flow-eventing.rules.yml',
  'grafana/flow-eventing.dashboard.json': 'helm/flow-eventing/files/flow-eventing.dashboard.json',
};

/** The values with which the plain manifests are rendered. */
const PLAIN = ['secrets.existing=flow-eventing', 'fullnameOverride=flow-eventing'];

/** The comment of a generated file names its source. */
const PLAIN_HEAD = `# Rendered from the Helm chart (npm run check:chart -- --write); change it there.\n`;

/**
 * @param {(values: readonly string[]) => Promise<string>} render
 * @param {boolean} write
 * @returns {Promise<string[]>} the outdated files, below deploy/; none if they were written
 */
export async function writtenFiles(render, write) {
  const stale = [];
  for (const [file, text] of await expected(render)) {
    const at = path.join(DEPLOY, file);
    if ((await readFile(at, 'utf8').catch(() => undefined)) === text) continue;
    if (!write) stale.push(`deploy/${file}`);
    else {
      await mkdir(path.dirname(at), { recursive: true });
      await writeFile(at, text);
    }
  }
  return stale;
}

/**
 * @param {(values: readonly string[]) => Promise<string>} render
 * @returns {Promise<[string, string][]>}
 */
async function expected(render) {
  const read = (/** @type {string} */ file) => readFile(path.join(DEPLOY, file), 'utf8');
  const table = valuesTable(await read('helm/flow-eventing/values.yaml'));
  const readme = (await read(README)).replace(
    TABLE,
    (_all, begin, end) => `${begin}${table}${end}`,
  );
  const plain = (await render(PLAIN))
    .replaceAll(/^ *(app\.kubernetes\.io\/managed-by|helm\.sh\/chart): .*\n/gm, '')
    .replaceAll(/^# Source: .*\n/gm, '');
  /** @type {[string, string][]} */
  const files = [
    [README, readme],
    ['kustomize/flow-eventing.yaml', PLAIN_HEAD + plain],
  ];
  for (const [from, to] of Object.entries(COPIES)) files.push([to, await read(from)]);
  return files;
}
