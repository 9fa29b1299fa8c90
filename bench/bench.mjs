import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { ensureBuild } from '../tools/project/build.mjs';
import { say } from '../tools/project/say.mjs';
import { parseOptions, USAGE } from './options.mjs';
import { ratiosOf, tableOf } from './report.mjs';
import { peersTableOf } from './peers-table.mjs';
import { PartsRun } from './run-parts.mjs';
import { runPeers } from './run-peers.mjs';
import { startBackends } from './system/backends.mjs';

/** `npm run bench`. The started processes are supervised: they end when this process ends, in whatever way. */

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, () => process.exit(1));
}

const options = parseOptions(process.argv.slice(2));
if (options.help) process.stdout.write(USAGE);
else await bench();

async function bench() {
  await ensureBuild();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'flow-eventing-bench-'));
  const loadBefore = os.loadavg();
  const backends = await startBackends(folder, options.natsSync);
  try {
    const measured = options.peers ? await peers(backends, folder) : await parts(backends, folder);
    keep({ machine: machine(), loadBefore, loadAfter: os.loadavg(), options, ...measured });
  } finally {
    await backends.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {import('./system/backends.mjs').Backends} backends
 * @param {string} folder
 */
async function parts(backends, folder) {
  const figures = await new PartsRun(options, backends, folder).run();
  process.stdout.write(tableOf(figures));
  return { figures, ratios: ratiosOf(figures) };
}

/**
 * @param {import('./system/backends.mjs').Backends} backends
 * @param {string} folder
 */
async function peers(backends, folder) {
  const figures = await runPeers(options, backends, folder);
  process.stdout.write(peersTableOf(figures));
  return { figures };
}

/** @param {unknown} report */
function keep(report) {
  const file = path.resolve(options.jsonFile);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
  say(`All figures: ${file}`);
}

function machine() {
  const cpus = os.cpus();
  return {
    cpus: cpus.length,
    model: cpus[0]?.model,
    memoryMiB: Math.round(os.totalmem() / 1024 ** 2),
    system: `${os.type()} ${os.release()}`,
    node: process.version,
  };
}
