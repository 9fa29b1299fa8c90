import { createHash, randomBytes } from 'node:crypto';
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
 * Listener and executor as they are built, with the settings that `npm start` gives them.
 *
 * @param {import('./backends.mjs').Backends} backends
 * @param {string} folder
 * @param {string} [profileFolder]
 * @returns {Promise<import('./target.mjs').ExecutingTarget>}
 */
export async function startFlow(backends, folder, profileFolder) {
  const settings = {
    mongodbUrl: backends.mongodbUrl(DATABASE),
    natsUrl: backends.natsUrl,
    driver: /** @type {const} */ ('nats'),
    internalSecret: randomBytes(32).toString('hex'),
    adminToken: randomBytes(32).toString('hex'),
  };
  const profiling = profileFolder === undefined ? {} : { profileFolder };
  const executor = await startService({
    name: 'executor',
    script: builtApp('workflow-executor'),
    env: (url) => ({ ...nodeSettings(), ...executorSettings(settings, url) }),
    folder,
    operations: true,
    ...profiling,
  });
  const listener = await startService({
    name: 'listener',
    script: builtApp('listener'),
    env: () => ({ ...nodeSettings(), ...listenerSettings(settings, executor.url) }),
    folder,
    operations: true,
    ...profiling,
  });
  const api = new ApiClient(executor.url, settings.adminToken);
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
    activities: backends.mongodb.db(DATABASE).collection('activities'),
    stop: async () => {
      await listener.stop();
      await executor.stop();
    },
  };
}

/** @param {string} eventId */
function activityIdOf(eventId) {
  return createHash('sha256')
    .update(JSON.stringify([WORKFLOW.id, EVENT_SOURCE, eventId]))
    .digest('hex');
}
