import { isUtf8Type, parseMediaType, type MediaType } from '../attributes/media-type.js';
import { HEADER_PREFIX } from '../binary/binary-attributes.js';
import { UnsupportedContentTypeError } from '../errors.js';
import { headerOf, type Headers } from '../headers.js';

/** The three ways an event comes over HTTP: HTTP binding 1.0.2, section 3. */
export type ContentMode = 'structured' | 'batch' | 'binary';

const STRUCTURED = 'application/cloudevents+json';
const BATCH = 'application/cloudevents-batch+json';
const CLOUDEVENTS_PREFIX = 'application/cloudevents';

const ACCEPTED = [STRUCTURED, BATCH, 'any media type together with ce- headers (binary mode)'];

/**
 * The mode of a request; its headers alone tell it, so the request can be refused before its body is read.
 *
 * @throws UnsupportedContentTypeError
 */
export function contentModeOf(headers: Headers): ContentMode {
  const contentType = headerOf(headers, 'content-type');
  const type = contentType === undefined ? undefined : parseMediaType(contentType);
  if (type?.essence.startsWith(CLOUDEVENTS_PREFIX)) return modeOfFormat(type);
  for (const name in headers) if (name.startsWith(HEADER_PREFIX)) return 'binary';
  throw new UnsupportedContentTypeError(ACCEPTED);
}

function modeOfFormat(type: MediaType): ContentMode {
  if (isUtf8Type(type)) {
    if (type.essence === STRUCTURED) return 'structured';
    if (type.essence === BATCH) return 'batch';
  }
  throw new UnsupportedContentTypeError(ACCEPTED);
}
