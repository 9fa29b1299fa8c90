import { type CloudEvent, type EventData, HOPS } from '@app/events';
import { isJsonObject, type JsonValue, memberOf } from '@app/json';
import { type IncomingHttpHeaders } from 'node:http';

/** The largest integer of CloudEvents (core 1.0.2, section 3.1). */
const INTEGER_MAX = 2 ** 31 - 1;

/**
 * Gives the event of a webhook the hops that it came with: a header in binary mode, and in structured mode a member of
 * the body. What a run gets to see of headers is bounded, and may be nothing, so it is read here.
 */
export function withHops(
  event: CloudEvent,
  headers: IncomingHttpHeaders,
  data: EventData | undefined,
): CloudEvent {
  const sent = data?.kind === 'json' && isJsonObject(data.value) ? data.value : undefined;
  const hops = hopsIn(headers[`ce-${HOPS}`]) ?? hopsIn(sent && memberOf(sent, HOPS));
  if (hops === undefined || Object.hasOwn(event.extensions, HOPS)) return event;
  return { ...event, extensions: { ...event.extensions, [HOPS]: hops } };
}

function hopsIn(given: JsonValue | string[] | undefined): number | undefined {
  const hops = typeof given === 'string' || typeof given === 'number' ? Number(given) : 0;
  return Number.isInteger(hops) && hops > 0 && hops <= INTEGER_MAX ? hops : undefined;
}
