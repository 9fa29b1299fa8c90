/** The size of the events that the documents' figures are measured with, in bytes: small, as most events are. */
const EVENT_BYTES = 391;

export const EVENT_SOURCE = '/bench';

const ID_DIGITS = 8;

/**
 * Makes structured CloudEvents of exactly `EVENT_BYTES` that differ in their id alone.
 *
 * @param {string} workflowId
 * @param {string} batch before the number in each id; no other run may have used it
 */
export function eventMaker(workflowId, batch) {
  const around = JSON.stringify({
    specversion: '1.0',
    id: '#',
    source: EVENT_SOURCE,
    type: 'io.boomerang.eventing.custom',
    time: '2020-04-05T17:31:00Z',
    subject: `/${workflowId}`,
    datacontenttype: 'application/json',
    data: { event: 'request_success', inputs: { key: 'value' }, note: '*' },
  });
  const missing = EVENT_BYTES - (around.length - 2 + batch.length + ID_DIGITS);
  if (missing < 0) throw new Error(`"${workflowId}" and "${batch}" make the event too large`);
  const [head = '', tail = ''] = around.replace('*', 'x'.repeat(missing)).split('#');
  let made = 0;
  return () => {
    const id = batch + String(made++).padStart(ID_DIGITS, '0');
    return { id, body: head + id + tail };
  };
}
