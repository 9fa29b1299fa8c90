import { createHash } from 'node:crypto';
import path from 'node:path';
import { projectRoot } from '../project/project-root.mjs';
import { readJson } from '../project/read-json.mjs';

const WORKFLOW_FILE = path.join(projectRoot, 'examples/workflows/hello.json');

/**
 * @typedef {object} StoredWorkflow
 * @property {string} id
 * @property {{ id: string }[]} [tokens]
 *
 * @typedef {import('./saved-start.mjs').SampleAccess} SampleAccess
 */

/**
 * Creates the sample workflow and a token for it, unless they exist.
 *
 * @param {import('./api-client.mjs').ApiClient} api
 * @param {SampleAccess | undefined} saved from an earlier start, maybe with another database
 * @returns {Promise<SampleAccess>}
 */
export async function ensureSample(api, saved) {
  const sample = /** @type {{ name: string }} */ (readJson(WORKFLOW_FILE));
  const found = /** @type {StoredWorkflow | undefined} */ (
    await api.find(`/api/v2/workflows/${sample.name}`)
  );
  if (saved && found?.tokens?.some(({ id }) => id === saved.tokenId)) return saved;
  const workflow =
    found ?? /** @type {StoredWorkflow} */ (await api.post('/api/v2/workflows', sample));
  const issued = /** @type {{ id: string, token: string }} */ (
    await api.post(`/api/v2/workflows/${workflow.id}/tokens`, { label: 'npm start' })
  );
  return { workflowId: workflow.id, tokenId: issued.id, token: issued.token };
}

/**
 * @param {string} workflowId
 * @returns {{ source: string, id: string } & Record<string, unknown>} a structured CloudEvent
 */
export function sampleEvent(workflowId) {
  return {
    specversion: '1.0',
    type: 'io.boomerang.eventing.custom',
    source: '/github/actions',
    id: 'C234-1234-1234',
    time: '2020-04-05T17:31:00Z',
    subject: `/${workflowId}`,
    datacontenttype: 'application/json',
    data: { event: 'request_success', inputs: { key: 'value' } },
  };
}

/**
 * The id of the activity that the sample event starts. It is the hash of the workflow and the event's `source` and `id`,
 * so it is known before the event is sent.
 *
 * @param {string} workflowId
 * @returns {string}
 */
export function sampleActivityId(workflowId) {
  const { source, id } = sampleEvent(workflowId);
  return createHash('sha256')
    .update(JSON.stringify([workflowId, source, id]))
    .digest('hex');
}
