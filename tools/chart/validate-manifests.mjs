import { access, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { commandAnswer, runCommand } from '../project/run-command.mjs';
import { say } from '../project/say.mjs';
import { cacheFolder } from '../servers/server-binary.mjs';

const REQUIREMENT = 'kubernetes-validate==1.37.0';

/** Kinds of operators, whose schemas Kubernetes does not have. */
const FOREIGN_KINDS = ['HTTPRoute', 'PrometheusRule', 'ScaledObject', 'ServiceMonitor'];

/**
 * Validates manifests against the schemas of a version of Kubernetes. Unknown members are errors.
 *
 * @param {string} version such as 1.29
 * @param {readonly string[]} files
 * @returns {Promise<void>} rejects with every problem
 */
export async function validateManifests(version, files) {
  const packages = await installed();
  const { code, printed } = await run(packages, ['-k', version, '--strict', ...files]);
  const problems = printed.split('\n').filter((line) => !isFine(line));
  if (code !== 0 || problems.length > 0)
    throw new Error(problems.join('\n') || `ended with ${code}`);
}

/** @param {string} line */
function isFine(line) {
  const foreign = FOREIGN_KINDS.some((kind) => line.includes(`schema for kind ${kind} `));
  return line === '' || line.startsWith('INFO') || foreign;
}

/** Installs the package and its dependencies into a folder of the project's cache. */
async function installed() {
  const folder = path.join(cacheFolder(), REQUIREMENT.replace('==', '-'));
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  if (isThere) return folder;
  say(`Getting ${REQUIREMENT} with pip (once; kept in ${cacheFolder()}) ...`);
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  try {
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target'];
    await runCommand('python3', [...pip, unfinished, REQUIREMENT]);
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}

/**
 * @param {string} packages
 * @param {readonly string[]} args
 * @returns {Promise<{ code: number | null, printed: string }>}
 */
async function run(packages, args) {
  const program = path.join(packages, 'bin', 'kubernetes-validate');
  const env = { ...process.env, PYTHONPATH: packages, NO_COLOR: '1' };
  const { code, printed, complaint } = await commandAnswer('python3', [program, ...args], { env });
  return { code, printed: printed + complaint };
}
