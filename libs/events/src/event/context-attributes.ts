import { type AttributeValue, type CloudEvent } from './cloud-event.js';

const CORE_ATTRIBUTES = [
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'time',
  'datacontenttype',
  'dataschema',
] as const;

/** Everything about an event but its data: core attributes that are set, then extensions. */
export function contextAttributes(event: CloudEvent): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = {};
  for (const name of CORE_ATTRIBUTES) {
    const value = event[name];
    if (value !== undefined) attributes[name] = value;
  }
  return Object.assign(attributes, event.extensions);
}
