import { randomUUID } from 'node:crypto';
import { sampleEvent } from '../../tools/start/sample.mjs';
import { type EventAttributes } from './send.js';

/** The sample event of the original design, word for word: what `npm start` says to send. */
export { sampleEvent };

/** One like no other, with what the test adds or, as undefined, takes away. */
export function newEvent(workflowId: string, changes: EventAttributes = {}): EventAttributes {
  return { ...sampleEvent(workflowId), id: randomUUID(), ...changes };
}
