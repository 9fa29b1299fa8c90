import { type CloudEvent, type EventData, HOPS, hopsOf } from '@app/events';
import { type IncomingHttpHeaders } from 'node:http';

const HEADER = `ce-${HOPS}`;

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
  if (Object.hasOwn(event.extensions, HOPS)) return event;
  const given = headers[HEADER];
  const request = { query: {}, headers: typeof given === 'string' ? { [HEADER]: given } : {} };
  const hops = hopsOf({ extensions: {}, ...(data && { data }) }, request);
  if (hops === 0 || hops > INTEGER_MAX) return event;
  return { ...event, extensions: { ...event.extensions, [HOPS]: hops } };
}
