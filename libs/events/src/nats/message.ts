import { Buffer } from 'node:buffer';
import { looseMembers, type JsonLimits } from '@app/json';
import { attributesFromHeaders, headersFromAttributes } from '../binary/binary-attributes.js';
import { requireEvent } from '../event/check-event.js';
import { type CloudEvent, type EventData, type RawEvent } from '../event/cloud-event.js';
import { dataFromBytes } from '../event/event-data.js';
import { headerOf, withLowerCaseNames, type Headers } from '../headers.js';
import { parseWithin, textLimits } from '../limits.js';
import { readStructured } from '../structured/envelope.js';
import { STRUCTURED_CONTENT_TYPE, toStructuredJson } from '../structured/structured-json.js';

/** An outgoing message of any transport; names of headers are in lower case. */
export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Uint8Array;
}

/** An incoming message; names of headers are in any case. */
export interface ReceivedMessage {
  readonly headers: Headers;
  readonly payload: Uint8Array;
}

const STRUCTURED_PREFIX = 'application/cloudevents';

/** An event as a NATS message in structured mode: NATS binding 1.0.2, section 3.2. */
export function encodeStructuredMessage(event: CloudEvent): Message {
  return {
    headers: { 'content-type': STRUCTURED_CONTENT_TYPE },
    payload: Buffer.from(toStructuredJson(event)),
  };
}

/**
 * An event as a NATS message in binary mode, section 3.1. Extensions become strings, as headers
 * have no types. JSON data gets `application/json` if the event has no type, which only structured
 * mode allows.
 */
export function encodeBinaryMessage(event: CloudEvent): Message {
  const headers = headersFromAttributes(event);
  if (event.data?.kind === 'json' && event.datacontenttype === undefined) {
    headers['ce-datacontenttype'] = 'application/json';
  }
  return { headers, payload: event.data ? bytesOf(event.data) : new Uint8Array(0) };
}

/**
 * The event in a NATS message of either mode. One with neither a content type nor a
 * `ce-specversion` is taken as structured, as clients without headers send it.
 *
 * @throws BodyNotJsonError
 * @throws BodyOutOfBoundsError
 * @throws InvalidEventError
 */
export function decodeMessage(message: ReceivedMessage, limits: JsonLimits): CloudEvent {
  const headers = withLowerCaseNames(message.headers);
  const raw = isStructured(headers)
    ? readStructured(parseWithin(message.payload, textLimits(limits)), limits)
    : readBinary(headers, message.payload, limits);
  return requireEvent(raw);
}

/** Attributes of a message that `decodeMessage` rejects, as far as they can be read: strings and numbers, as text. */
export function looseAttributes(
  message: ReceivedMessage,
  names: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const headers = withLowerCaseNames(message.headers);
  if (isStructured(headers)) return looseMembers(Buffer.from(message.payload).toString(), names);
  const { attributes } = attributesFromHeaders(headers);
  return new Map(Object.entries(attributes).filter(([name]) => names.has(name)));
}

function isStructured(headers: Headers): boolean {
  const contentType = headerOf(headers, 'content-type');
  if (contentType?.trim().toLowerCase().startsWith(STRUCTURED_PREFIX)) return true;
  return contentType === undefined && !Object.hasOwn(headers, 'ce-specversion');
}

/** Unlike over HTTP, the data's type has a `ce-` header here. */
function readBinary(headers: Headers, payload: Uint8Array, limits: JsonLimits): RawEvent {
  const { attributes, problems } = attributesFromHeaders(headers);
  const { data, problems: dataProblems } = dataFromBytes(
    payload,
    attributes['datacontenttype'],
    limits,
  );
  return { attributes, data, problems: [...problems, ...dataProblems] };
}

function bytesOf(data: EventData): Uint8Array {
  return data.kind === 'binary' ? data.bytes : Buffer.from(data.text);
}
