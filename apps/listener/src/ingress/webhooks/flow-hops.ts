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

/** The webhook request from which an event was made. */
export interface SentWebhook {
  readonly headers: IncomingHttpHeaders;
  readonly data: EventData | undefined;
  /** The source that we give to the provider's events; undefined if the sender chooses the source. */
  readonly ownSource: string | undefined;
}

/**
 * Adds to the event of a webhook the hops and the first run of the CloudEvent that was sent: headers in binary mode,
 * members of the body in structured mode. They are read here because the headers that a run can see are bounded.
 */
export function withHops(event: CloudEvent, sent: SentWebhook, roots: SignedRoots): CloudEvent {
  if (Object.hasOwn(event.extensions, HOPS)) return event;
  const given = sent.headers[`ce-${HOPS}`];
  const headers = typeof given === 'string' ? { [`ce-${HOPS}`]: given } : {};
  const data = sent.data && { data: sent.data };
  const hops = hopsOf({ extensions: {}, ...data }, { query: {}, headers });
  if (hops === 0 || hops > INTEGER_MAX) return event;
  const counted = { ...event, extensions: { ...event.extensions, [HOPS]: hops } };
  return event.source === sent.ownSource ? withRoot(counted, sent, roots) : counted;
}

/**
 * Adds the first run that a task has signed for the event that it sent, signed again for the new event. The event takes
 * over the id that was signed, so that a copy sent by somebody else is a duplicate and is not counted again.
 */
function withRoot(event: CloudEvent, sent: SentWebhook, roots: SignedRoots): CloudEvent {
  const [id, source] = [attribute('id', sent), attribute('source', sent)];
  if (id === undefined || source === undefined) return event;
  const root = roots.rootOf(attribute(ROOT, sent), { id, source });
  if (root === undefined) return event;
  const named = { ...event, id };
  return { ...named, extensions: { ...event.extensions, [ROOT]: roots.textOf(root, named) } };
}

/** An attribute of the CloudEvent that was sent, from its header or its body. */
function attribute(name: string, { headers, data }: SentWebhook): string | undefined {
  const header = headers[`ce-${name}`];
  if (typeof header === 'string') {
    const reading = decodeHeaderValue(header);
    return reading.kind === 'value' ? reading.value : undefined;
  }
  const sent = data?.kind === 'json' && isJsonObject(data.value) ? data.value : undefined;
  const member = sent && memberOf(sent, name);
  return typeof member === 'string' ? member : undefined;
}
