import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { ensureBuild } from '../project/build.mjs';
import { startServers } from '../servers/start-servers.mjs';

/**
 * Starts one mongod and one nats-server for all test files of a run. Jest calls the setup once for each project that uses
 * it; only the first call starts servers.
 */

/**
 * mongod deletes expired documents each second instead of each minute. A test that writes documents that have expired
 * already then fails every time, and not now and then.
 */
const MONGOD_PARAMETERS = { ttlMonitorSleepSecs: 1 };

/** @type {(() => Promise<void>) | undefined} */
let stopShared;

/**
 * @param {unknown} _globalConfig
 * @param {{ displayName?: { name: string } }} project
 */
export async function startSharedServers(_globalConfig, project) {
  // The e2e tests start the compiled apps.
  if (project.displayName?.name === 'e2e') await ensureBuild();
  if (process.env['TEST_MONGODB_URL'] && process.env['TEST_NATS_URL']) return;
  const dataDir = await mkdtemp(path.join(tmpdir(), 'flow-eventing-test-'));
  const servers = await startServers({ dataDir, mongodParameters: MONGOD_PARAMETERS });
  process.env['TEST_MONGODB_URL'] = servers.mongodbUrl;
  process.env['TEST_NATS_URL'] = servers.natsUrl;
  stopShared = async () => {
    await servers.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}

export async function stopSharedServers() {
  await stopShared?.();
  stopShared = undefined;
}
