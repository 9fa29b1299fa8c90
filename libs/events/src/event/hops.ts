import { isJsonObject, type JsonValue, memberOf } from '@app/json';
import { type WebhookRequest } from '../dispatch/dispatch.js';
import { type CloudEvent, type EventData } from './cloud-event.js';

/**
 * The extension by which an `event` task counts the workflows that an event comes through, one starting the
 * next. Who sends an event from outside may set it, and gains nothing but an earlier end.
 */
export const HOPS = 'flowhops';

/**
 * The extension by which events of tasks say which run they come from in the end, however many workflows lie between:
 * all that is behind that run is counted with it. Our own services sign it.
 */
export const ROOT = 'flowroot';

/** None for an event that no task has sent. A listener of the release before left that of a webhook where it came. */
export function hopsOf(
  { extensions, data }: Pick<CloudEvent, 'extensions' | 'data'>,
  request?: WebhookRequest,
): number {
  const given = extensions[HOPS] ?? (request && ofWebhook(request, data));
  // A message in binary mode has texts alone.
  const hops = typeof given === 'string' || typeof given === 'number' ? Number(given) : 0;
  return Number.isSafeInteger(hops) && hops > 0 ? hops : 0;
}

/** In binary mode it was a header; in structured mode the body, which is the data, is the event that was sent. */
function ofWebhook(
  { headers }: WebhookRequest,
  data: EventData | undefined,
): JsonValue | undefined {
  const sent = data?.kind === 'json' && isJsonObject(data.value) ? data.value : undefined;
  return memberOf(headers, `ce-${HOPS}`) ?? (sent && memberOf(sent, HOPS));
}
