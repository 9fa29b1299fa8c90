import { type Problem } from '@app/errors';
import { decodeHeaderValue, encodeHeaderValue } from './header-value.js';
import { type CloudEvent, contextAttributes } from '../event/cloud-event.js';
import { headerOf, type Headers } from '../headers.js';

/** What every header of an attribute begins with, in lower case. */
export const HEADER_PREFIX = 'ce-';

export interface HeaderAttributes {
  readonly attributes: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
}

/**
 * The attributes in the `ce-` headers of a message in binary mode; the same over HTTP and NATS.
 * Names are in lower case.
 */
export function attributesFromHeaders(headers: Headers): HeaderAttributes {
  const entries: [string, string][] = [];
  const problems: Problem[] = [];
  for (const header of Object.keys(headers)) {
    if (!header.startsWith(HEADER_PREFIX)) continue;
    const attribute = header.slice(HEADER_PREFIX.length);
    const value = headerOf(headers, header);
    if (value === undefined) {
      problems.push({ attribute, detail: 'is there more than once' });
      continue;
    }
    const reading = decodeHeaderValue(value);
    if (reading.kind === 'value') entries.push([attribute, reading.value]);
    else problems.push({ attribute, detail: `${reading.detail} (header ${header})` });
  }
  return { attributes: Object.fromEntries(entries), problems };
}

/** Every attribute that is set as a `ce-` header; integers and booleans in their canonical strings. */
export function headersFromAttributes(event: CloudEvent): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(contextAttributes(event))) {
    headers[HEADER_PREFIX + name] = encodeHeaderValue(String(value));
  }
  return headers;
}

/**
 * The headers of an event in binary mode over HTTP (binding 1.0.2, section 3.1): the type of the data is the
 * `content-type`. JSON data gets `application/json` if the event has no type, which only structured mode allows.
 */
export function binaryHttpHeaders(event: CloudEvent): Readonly<Record<string, string>> {
  const { 'ce-datacontenttype': _, ...headers } = headersFromAttributes(event);
  const type =
    event.datacontenttype ?? (event.data?.kind === 'json' ? 'application/json' : undefined);
  return type === undefined ? headers : { ...headers, 'content-type': type };
}
