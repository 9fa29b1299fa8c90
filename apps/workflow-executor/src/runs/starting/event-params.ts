import {
  type CloudEvent,
  contextAttributes,
  type EventData,
  type WebhookRequest,
} from '@app/events';
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '@app/json';
import { type NewActivity } from '@app/persistence';
import { Buffer } from 'node:buffer';

/**
 * The parameters that a workflow gets from its event. Later ones override earlier ones of the same name:
 *
 * 1. `event`: the context attributes; with a webhook also `query` and `headers`
 * 2. the members of the data, if it is a JSON object
 * 3. the members of its `properties`, as Boomerang Flow 3 sends them
 * 4. the members of its `inputs`
 * 5. `data`: the whole data, as JSON, text, or bytes in base64
 *
 * Spreading defines properties instead of assigning them, so a key such as `__proto__` can do no harm.
 */
export function eventParams(event: CloudEvent, request?: WebhookRequest): JsonObject {
  const context: JsonObject = { event: contextAttributes(event), ...request };
  if (event.data === undefined) return context;

  const data = valueOf(event.data);
  const [members, properties, inputs] = placesIn(data);
  const params: Record<string, JsonValue> = { ...context, ...members, ...properties, ...inputs };
  params['data'] = data;
  return params;
}

/** The objects in the data of an event whose members are parameters. Later ones override earlier ones. */
export function paramPlacesOf({
  trigger,
  event,
}: Pick<NewActivity, 'trigger' | 'event'>): readonly JsonObject[] {
  if (event.data?.kind !== 'json') return [];
  const { value } = event.data;
  return trigger === 'task' ? [membersOf(value)] : placesIn(value);
}

function placesIn(
  data: JsonValue,
): readonly [members: JsonObject, properties: JsonObject, inputs: JsonObject] {
  const members = membersOf(data);
  const inner = (name: string): JsonObject => membersOf(memberOf(members, name));
  return [members, inner('properties'), inner('inputs')];
}

/** The parameters of a run, by how it was begun. */
export function paramsOf({
  trigger,
  event,
  request,
}: Pick<NewActivity, 'trigger' | 'event' | 'request'>): JsonObject {
  return trigger === 'task' ? taskParams(event) : eventParams(event, request);
}

/**
 * The parameters that a workflow gets from the event of a task that begins it: the parameters of the task, unchanged, so
 * that no value inside one can override another. `event` and `data` are added unless the task has its own.
 */
export function taskParams(event: CloudEvent): JsonObject {
  const data = event.data === undefined ? {} : valueOf(event.data);
  return { event: contextAttributes(event), data, ...membersOf(data) };
}

function valueOf(data: EventData): JsonValue {
  switch (data.kind) {
    case 'json':
      return data.value;
    case 'text':
      return data.text;
    case 'binary':
      return Buffer.from(data.bytes).toString('base64');
  }
}

/** Empty for anything that is not an object. */
function membersOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
