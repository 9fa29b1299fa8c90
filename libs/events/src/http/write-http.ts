import { headersFromAttributes } from '../binary/binary-attributes.js';
import { type CloudEvent } from '../event/cloud-event.js';

/**
 * The headers of an event in binary mode over HTTP (binding 1.0.2, section 3.1): the type of the data is the
 * `content-type`, and that of JSON, which may be left out in structured mode, is said.
 */
export function binaryHttpHeaders(event: CloudEvent): Readonly<Record<string, string>> {
  const { 'ce-datacontenttype': _, ...headers } = headersFromAttributes(event);
  const type =
    event.datacontenttype ?? (event.data?.kind === 'json' ? 'application/json' : undefined);
  return type === undefined ? headers : { ...headers, 'content-type': type };
}
