import { Buffer } from 'node:buffer';
import { isSameJson } from '@app/json';
import { type CloudEvent, type EventData } from '../event/cloud-event.js';

/**
 * Whether an event that came with a known id is that event again (docs/design.md#same-event-again): same type,
 * subject and data. Another `time` or trace is no difference, since senders that retry make new
 * ones; JSON is compared by value.
 */
export function isSameEvent(a: CloudEvent, b: CloudEvent): boolean {
  return a.type === b.type && a.subject === b.subject && isSameData(a.data, b.data);
}

function isSameData(a: EventData | undefined, b: EventData | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  switch (a.kind) {
    case 'json':
      return b.kind === 'json' && (a.text === b.text || isSameJson(a.value, b.value));
    case 'text':
      return b.kind === 'text' && a.text === b.text;
    case 'binary':
      return b.kind === 'binary' && Buffer.compare(a.bytes, b.bytes) === 0;
  }
}
