import { type CloudEvent } from '../event/cloud-event.js';

/** The event with its bytes as a plain Uint8Array, so that `toEqual` compares those and no class. */
export function plainEvent(event: CloudEvent): CloudEvent {
  if (event.data?.kind !== 'binary') return event;
  return { ...event, data: { kind: 'binary', bytes: Uint8Array.from(event.data.bytes) } };
}
