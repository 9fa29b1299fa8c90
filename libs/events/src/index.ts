export { activityIdOf } from './activity-id.js';
export { type AttributeValue, type CloudEvent, type EventData } from './cloud-event.js';
export { type Dispatch } from './dispatch.js';
export { type JsonObject, type JsonValue } from './json.js';
export { TRIGGER_KINDS, type TriggerKind } from './trigger.js';
