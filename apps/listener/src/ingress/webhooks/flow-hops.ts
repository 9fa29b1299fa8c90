import { type CloudEvent, type EventData, HOPS, hopsOf, ROOT } from '@app/events';
import { isJsonObject, memberOf } from '@app/json';
import { type IncomingHttpHeaders } from 'node:http';

const HEADER = `ce-${HOPS}`;

/** An id and signatures. */
const ROOT_TEXT = /^[\w.,-]{1,500}$/;

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
  const root = rootOf(headers, data);
  const of = root !== undefined && { [ROOT]: root };
  return { ...event, extensions: { ...event.extensions, [HOPS]: hops, ...of } };
}

/** Which run it comes from in the end, as the task that sent it says; whoever counts by it checks that. */
function rootOf(headers: IncomingHttpHeaders, data: EventData | undefined): string | undefined {
  const sent = data?.kind === 'json' && isJsonObject(data.value) ? data.value : undefined;
  const root = headers[`ce-${ROOT}`] ?? (sent && memberOf(sent, ROOT));
  return typeof root === 'string' && ROOT_TEXT.test(root) ? root : undefined;
}
