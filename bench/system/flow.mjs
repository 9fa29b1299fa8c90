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

/** The metric of succeeded runs. */
const SUCCEEDED = /^flow_run_seconds_count\{status="succeeded"\} (\d+)$/m;

/**
 * Listeners and executors, one of each unless more are asked for.
 *
 * @typedef {object} Apps
 * @property {import('./service.mjs').Service} listener the first
 * @property {import('./service.mjs').Service} executor the first
 * @property {import('./service.mjs').Service[]} listeners
 * @property {import('./service.mjs').Service[]} executors
 * @property {ApiClient} api
 * @property {import('mongoose').mongo.Db} db
 * @property {import('./target.mjs').Execution['activities']} activities
 * @property {() => Promise<void>} stop
 *
 * @typedef {object} AppOptions
 * @property {string} [database]
 * @property {number} [each] how many listeners, and how many executors (default: 1)
 * @property {string} [profileFolder] where CPU profiles go
 * @property {Record<string, string>} [env] more environment variables of both
 * @property {Record<string, string>} [executorEnv] more environment variables of the executor
 */

/**
 * Starts the built apps with the settings of `npm start`.
 *
 * @param {import('./backends.mjs').Backends} backends
 * @param {string} folder
 * @param {AppOptions} [options]
 * @returns {Promise<Apps>}
 */
export async function startApps(backends, folder, options = {}) {
  const { database = DATABASE, each = 1, profileFolder, env, executorEnv } = options;
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
  const executors = await startEach('executor', each, (name) =>
    startService({
      ...common,
      name,
      script: builtApp('workflow-executor'),
      env: (url) => ({ ...own, ...executorSettings(settings, url), ...executorEnv }),
    }),
  );
  const [executor] = executors;
  const listeners = await startEach('listener', each, (name) =>
    startService({
      ...common,
      name,
      script: builtApp('listener'),
      env: () => ({ ...own, ...listenerSettings(settings, executor.url) }),
    }),
  );
  const [listener] = listeners;
  return {
    listener,
    executor,
    listeners,
    executors,
    api: new ApiClient(executor.url, settings.adminToken),
    db: backends.mongodb.db(database),
    activities: backends.mongodb.db(database).collection('activities'),
    stop: async () => {
      for (const app of [...listeners, ...executors]) await app.stop();
    },
  };
}

/**
 * @template T
 * @param {string} app
 * @param {number} count
 * @param {(name: string) => Promise<T>} start
 * @returns {Promise<[T, ...T[]]>}
 */
async function startEach(app, count, start) {
  /** @type {[T, ...T[]]} */
  const started = [await start(nameOf(app, 1))];
  for (let n = 2; n <= count; n += 1) started.push(await start(nameOf(app, n)));
  return started;
}

/**
 * @param {string} app
 * @param {number} n from 1
 */
function nameOf(app, n) {
  return n === 1 ? app : `${app}-${n}`;
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
 * Creates the workflow of the bench. Its events are the target's load.
 *
 * @param {Apps} apps
 * @param {import('./backends.mjs').Backends} backends
 * @returns {Promise<import('./target.mjs').ExecutingTarget>}
 */
export async function targetOf(apps, backends) {
  const { listener, listeners, executors, api, activities, stop } = apps;
  const { token } = await createWorkflow(api, WORKFLOW);
  return {
    url: `${listener.url}/listener/event`,
    headers: { ...JSON_EVENT, authorization: `Bearer ${token}` },
    workflowId: WORKFLOW.id,
    pids: { ...pidsOf('listener', listeners), ...pidsOf('executor', executors), ...backends.pids },
    completed: async () => {
      const counts = await Promise.all(executors.map(succeededOf));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    activityIdOf,
    activities,
    stop,
  };
}

/**
 * @param {string} app
 * @param {readonly import('./service.mjs').Service[]} services
 */
function pidsOf(app, services) {
  return Object.fromEntries(services.map(({ pid }, at) => [nameOf(app, at + 1), pid]));
}

/** @param {import('./service.mjs').Service} executor */
async function succeededOf({ operationsUrl }) {
  const metrics = await (await fetch(`${operationsUrl}/metrics`)).text();
  return Number(SUCCEEDED.exec(metrics)?.[1] ?? 0);
}

/** @param {string} eventId */
function activityIdOf(eventId) {
  return createHash('sha256')
    .update(JSON.stringify([WORKFLOW.id, EVENT_SOURCE, eventId]))
    .digest('hex');
}
