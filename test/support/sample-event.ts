import { randomUUID } from 'node:crypto';
import { type EventAttributes } from './send.js';

/** The sample event of the original design, word for word. */
export function sampleEvent(workflowId: string): EventAttributes {
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

/** One like no other, with what the test adds or, as undefined, takes away. */
export function newEvent(workflowId: string, changes: EventAttributes = {}): EventAttributes {
  return { ...sampleEvent(workflowId), id: randomUUID(), ...changes };
}
