import {
  type CloudEvent,
  decodeHeaderValue,
  type EventData,
  HOPS,
  hopsOf,
  ROOT,
  type SignedRoots,
} from '@app/events';
import { isJsonObject, memberOf } from '@app/json';
import { type IncomingHttpHeaders } from 'node:http';

/** The largest integer of CloudEvents (core 1.0.2, section 3.1). */
const INTEGER_MAX = 2 ** 31 - 1;

/** What came with the event of a webhook. */
export interface Came {
  readonly headers: IncomingHttpHeaders;
  readonly data: EventData | undefined;
  /** Undefined where the sender chooses the event's source: a repeat under another one would be another event. */
  readonly ownSource: string | undefined;
}

/**
 * Gives the event of a webhook the hops that it came with, and the run that was the first: headers in binary mode, and
 * in structured mode members of the body. What a run gets to see of headers is bounded, and may be nothing, so it
 * is read here.
 */
export function withHops(event: CloudEvent, came: Came, roots: SignedRoots): CloudEvent {
  if (Object.hasOwn(event.extensions, HOPS)) return event;
  const given = came.headers[`ce-${HOPS}`];
  const headers = typeof given === 'string' ? { [`ce-${HOPS}`]: given } : {};
  const data = came.data && { data: came.data };
  const hops = hopsOf({ extensions: {}, ...data }, { query: {}, headers });
  if (hops === 0 || hops > INTEGER_MAX) return event;
  const counted = { ...event, extensions: { ...event.extensions, [HOPS]: hops } };
  return event.source === came.ownSource ? withRoot(counted, came, roots) : counted;
}

/**
 * The root that a task has signed for what it sent, signed for what came of it. It is the event's id, too, whatever the
 * request is called: so what somebody else repeats is a duplicate, and not counted with that root again.
 */
function withRoot(event: CloudEvent, came: Came, roots: SignedRoots): CloudEvent {
  const [id, source] = [attribute('id', came), attribute('source', came)];
  if (id === undefined || source === undefined) return event;
  const root = roots.rootOf(attribute(ROOT, came), { id, source });
  if (root === undefined) return event;
  const named = { ...event, id };
  return { ...named, extensions: { ...event.extensions, [ROOT]: roots.textOf(root, named) } };
}

/** Of the event that was sent. */
function attribute(name: string, { headers, data }: Came): string | undefined {
  const header = headers[`ce-${name}`];
  if (typeof header === 'string') {
    const reading = decodeHeaderValue(header);
    return reading.kind === 'value' ? reading.value : undefined;
  }
  const sent = data?.kind === 'json' && isJsonObject(data.value) ? data.value : undefined;
  const member = sent && memberOf(sent, name);
  return typeof member === 'string' ? member : undefined;
}
