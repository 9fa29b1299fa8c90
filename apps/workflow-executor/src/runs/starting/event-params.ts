import {
  type CloudEvent,
  contextAttributes,
  type EventData,
  type WebhookRequest,
} from '@app/events';
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '@app/json';
import { Buffer } from 'node:buffer';

/**
 * What a workflow gets from its event as parameters. Later ones win over earlier ones of the same name:
 *
 * 1. `event`: the context attributes, and of a webhook `query` and `headers`, unless the data has
 *    something of its own by that name;
 * 2. the members of the data, if that is a JSON object;
 * 3. the members of its `properties`, where Boomerang 3 put them;
 * 4. the members of its `inputs`;
 * 5. `data`: the whole of the data, be it JSON, text, or bytes in base64.
 *
 * Spreading defines properties instead of assigning them: a key such as `__proto__` can do no harm.
 */
export function eventParams(event: CloudEvent, request?: WebhookRequest): JsonObject {
  const context: JsonObject = { event: contextAttributes(event), ...request };
  if (event.data === undefined) return context;

  const data = valueOf(event.data);
  const members = membersOf(data);
  const params: Record<string, JsonValue> = {
    ...context,
    ...members,
    ...membersOf(memberOf(members, 'properties')),
    ...membersOf(memberOf(members, 'inputs')),
  };
  params['data'] = data;
  return params;
}

/**
 * What a workflow gets from the event of a task that begins it: the parameters that the task gives, as they are, so that
 * nothing inside one can take the place of another. `event` and `data` besides, unless the task gives its own.
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
