import { isJsonObject, type JsonValue, memberOf } from '@app/json';
import { type WebhookRequest } from '../dispatch/dispatch.js';
import { type CloudEvent, type EventData } from './cloud-event.js';

/**
 * The extension in which an `event` task counts how many workflows an event has passed through. An outside sender may
 * set it too, but can only make the chain end earlier.
 */
export const HOPS = 'flowhops';

/**
 * The extension that names the first run of a chain of events and tasks, so that all runs of the chain are counted
 * with it. Our own services sign it.
 */
export const ROOT = 'flowroot';

/**
 * How many workflows the event has passed through; 0 for an event that no task sent. The listener of the release
 * before did not copy the value of a webhook to the extension, so it is also read from the request.
 */
export function hopsOf(
  { extensions, data }: Pick<CloudEvent, 'extensions' | 'data'>,
  request?: WebhookRequest,
): number {
  const given = extensions[HOPS] ?? (request && ofWebhook(request, data));
  // In binary mode all extensions are strings.
  const hops = typeof given === 'string' || typeof given === 'number' ? Number(given) : 0;
  return Number.isSafeInteger(hops) && hops > 0 ? hops : 0;
}

/** From the header in binary mode, else from the body: in structured mode that is the event, and became the data. */
function ofWebhook(
  { headers }: WebhookRequest,
  data: EventData | undefined,
): JsonValue | undefined {
  const sent = data?.kind === 'json' && isJsonObject(data.value) ? data.value : undefined;
  return memberOf(headers, `ce-${HOPS}`) ?? (sent && memberOf(sent, HOPS));
}
