import { Connections } from './connections.mjs';

const EVENTS_PER_BATCH = 100;
const CONNECTIONS = 8;
const SOURCE = '/bench/batches';

let sent = 0;

/**
 * Sends events for one workflow, in batches, as fast as the answers come.
 *
 * @param {object} to
 * @param {string} to.listenerUrl
 * @param {string} to.workflowId
 * @param {string} to.token
 * @param {number} count
 * @param {unknown} data of each
 * @throws {Error} if anything is not accepted
 */
export async function sendBatches({ listenerUrl, workflowId, token }, count, data) {
  const headers = {
    'content-type': 'application/cloudevents-batch+json',
    authorization: `Bearer ${token}`,
  };
  const url = `${listenerUrl}/listener/event`;
  const connections = new Connections(url, headers, CONNECTIONS);
  const end = sent + count;
  const sendOn = async () => {
    while (sent < end) {
      const events = Array.from({ length: Math.min(EVENTS_PER_BATCH, end - sent) }, () =>
        eventOf(workflowId, data),
      );
      const status = await connections.post(JSON.stringify(events));
      if (!status.startsWith('2')) throw new Error(`A batch was answered with ${status}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, sendOn));
  await connections.close();
}

/**
 * @param {string} workflowId
 * @param {unknown} data
 */
function eventOf(workflowId, data) {
  sent += 1;
  return {
    specversion: '1.0',
    id: String(sent),
    source: SOURCE,
    type: 'bench',
    subject: `/${workflowId}`,
    data,
  };
}
