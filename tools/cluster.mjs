import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { ensureBuild } from './project/build.mjs';
import { ensureDependencies } from './project/dependencies.mjs';
import { projectRoot } from './project/project-root.mjs';
import { stopOnSignals } from './project/process-life.mjs';
import { messageOf, say } from './project/say.mjs';
import { OptionsInvalidError, parseOptions } from './start/options.mjs';

/**
 * `npm run cluster` is `npm start`, with its options, on three mongods and three nats-servers. It serves to try out what
 * happens when one of them is lost. Their data is deleted at the end.
 */

const stop = stopOnSignals();

process.exitCode = await main(process.argv.slice(2));

/**
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
async function main(args) {
  try {
    const options = parseOptions(args);
    await ensureDependencies(stop.signal);
    await ensureBuild(stop.signal);
    await runOnCluster(options);
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return 0;
    say(messageOf(error));
    return error instanceof OptionsInvalidError ? 2 : 1;
  }
}

/** @param {import('./start/options.mjs').StartOptions} options */
async function runOnCluster(options) {
  const { startCluster } = await import('./servers/start-cluster.mjs');
  const { runSystem } = await import('./start/run-system.mjs');
  const { reportForPeople, reportForScripts } = await import('./start/report.mjs');
  const folder = await mkdtemp(path.join(tmpdir(), 'flow-eventing-cluster-'));
  try {
    say('Starting three mongods and three nats-servers ...');
    const cluster = await startCluster({ dataDir: folder, signal: stop.signal });
    try {
      // The apps inherit it.
      process.env['NATS_STREAM_REPLICAS'] = '3';
      const { mongodbUrl, natsUrl, members } = cluster;
      const dataDir = options.dataDir ?? path.join(projectRoot, '.data/cluster');
      await runSystem({ ...options, dataDir, mongodbUrl, natsUrl }, stop.signal, (system) => {
        for (const { name, pid } of members) say(`  ${name}: process ${pid}`);
        process.stdout.write((options.json ? reportForScripts : reportForPeople)(system));
      });
    } finally {
      await cluster.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
