import { type JsonValue, toJsonText } from '@app/json';
import { type CloudEvent, type EventData } from '../event/cloud-event.js';

/** The sample event of the original design, for the workflow `wf1`; says only what is different. */
export function anEvent(differences: Partial<CloudEvent> = {}): CloudEvent {
  return anEventWithoutData({
    datacontenttype: 'application/json',
    data: jsonData({ event: 'request_success', inputs: { key: 'value' } }),
    ...differences,
  });
}

export function anEventWithoutData(differences: Partial<CloudEvent> = {}): CloudEvent {
  return {
    specversion: '1.0',
    id: 'C234-1234-1234',
    source: '/github/actions',
    type: 'io.boomerang.eventing.custom',
    subject: '/wf1',
    time: '2020-04-05T17:31:00Z',
    extensions: {},
    ...differences,
  };
}

export function jsonData(value: JsonValue): EventData {
  return { kind: 'json', text: toJsonText(value), value };
}
