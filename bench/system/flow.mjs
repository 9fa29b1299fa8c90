import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { builtApp } from '../../tools/project/build.mjs';
import { ApiClient } from '../../tools/start/api-client.mjs';
import {
  executorSettings,
  listenerSettings,
  nodeSettings,
} from '../../tools/start/app-settings.mjs';
import { EVENT_SOURCE } from '../load/event.mjs';
import { startService } from './service.mjs';
import { JSON_EVENT } from './target.mjs';
import { createWorkflow } from './two-executors.mjs';
import { WORKFLOW } from './workflow.mjs';

const DATABASE = 'flow';

/** What Prometheus sees of the runs that ended well. */
const SUCCEEDED = /^flow_run_seconds_count\{status="succeeded"\} (\d+)$/m;

/**
 * A listener and an executor.
 *
 * @typedef {object} Apps
 * @property {import('./service.mjs').Service} listener
 * @property {import('./service.mjs').Service} executor
 * @property {ApiClient} api
 * @property {import('mongoose').mongo.Db} db
 * @property {import('./target.mjs').Execution['activities']} activities
 * @property {() => Promise<void>} stop
 *
 * @typedef {object} AppOptions
 * @property {string} [database]
 * @property {string} [profileFolder] where CPU profiles go
 * @property {Record<string, string>} [env] more environment variables of both
 * @property {Record<string, string>} [executorEnv] more environment variables of the executor
 */

/**
 * As they are built, with the settings that `npm start` gives them.
 *
 * @param {import('./backends.mjs').Backends} backends
 * @param {string} folder
 * @param {AppOptions} [options]
 * @returns {Promise<Apps>}
 */
export async function startApps(backends, folder, options = {}) {
  const { database = DATABASE, profileFolder, env, executorEnv } = options;
  const settings = {
    mongodbUrl: backends.mongodbUrl(database),
    natsUrl: backends.natsUrl,
    driver: /** @type {const} */ ('nats'),
    internalSecret: randomBytes(32).toString('hex'),
    adminToken: randomBytes(32).toString('hex'),
  };
  const own = { ...nodeSettings(), EVENTING_NAMESPACE: database, ...env };
  const logs = path.join(folder, database);
  mkdirSync(logs, { recursive: true });
  const common = { folder: logs, operations: true, ...(profileFolder && { profileFolder }) };
  const executor = await startService({
    ...common,
    name: 'executor',
    script: builtApp('workflow-executor'),
    env: (url) => ({ ...own, ...executorSettings(settings, url), ...executorEnv }),
  });
  const listener = await startService({
    ...common,
    name: 'listener',
    script: builtApp('listener'),
    env: () => ({ ...own, ...listenerSettings(settings, executor.url) }),
  });
  return {
    listener,
    executor,
    api: new ApiClient(executor.url, settings.adminToken),
    db: backends.mongodb.db(database),
    activities: backends.mongodb.db(database).collection('activities'),
    stop: async () => {
      await listener.stop();
      await executor.stop();
    },
  };
}

/**
 * @param {import('./backends.mjs').Backends} backends
 * @param {string} folder
 * @param {string} [profileFolder]
 * @returns {Promise<import('./target.mjs').ExecutingTarget>}
 */
export async function startFlow(backends, folder, profileFolder) {
  return targetOf(
    await startApps(backends, folder, { ...(profileFolder && { profileFolder }) }),
    backends,
  );
}

/**
 * With the workflow of the bench.
 *
 * @param {Apps} apps
 * @param {import('./backends.mjs').Backends} backends
 * @returns {Promise<import('./target.mjs').ExecutingTarget>}
 */
export async function targetOf({ listener, executor, api, activities, stop }, backends) {
  const { token } = await createWorkflow(api, WORKFLOW);
  return {
    url: `${listener.url}/listener/event`,
    headers: { ...JSON_EVENT, authorization: `Bearer ${token}` },
    workflowId: WORKFLOW.id,
    pids: { listener: listener.pid, executor: executor.pid, ...backends.pids },
    completed: async () => {
      const metrics = await (await fetch(`${executor.operationsUrl}/metrics`)).text();
      return Number(SUCCEEDED.exec(metrics)?.[1] ?? 0);
    },
    activityIdOf,
    activities,
    stop,
  };
}

/** @param {string} eventId */
function activityIdOf(eventId) {
  return createHash('sha256')
    .update(JSON.stringify([WORKFLOW.id, EVENT_SOURCE, eventId]))
    .digest('hex');
}
