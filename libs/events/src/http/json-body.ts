import { type JsonLimits } from '@app/json';
import { isJsonType, isUtf8Type, parseMediaType } from '../attributes/media-type.js';
import { type EventData } from '../cloud-event.js';
import { BodyOutOfBoundsError, UnsupportedContentTypeError } from '../errors.js';
import { dataFromJson } from '../event-data.js';
import { headerOf, type Headers } from '../headers.js';
import { textLimits } from '../limits.js';
import { parseJsonBytes } from '../json/parse-json.js';

/**
 * Refuses a request that is not JSON by its headers alone.
 *
 * @param accepted the types that its sender is told of
 * @throws UnsupportedContentTypeError
 */
export function requireJsonContentType(headers: Headers, accepted: readonly string[]): void {
  const contentType = headerOf(headers, 'content-type');
  const type = contentType === undefined ? undefined : parseMediaType(contentType);
  if (!type || !isJsonType(type) || !isUtf8Type(type)) {
    throw new UnsupportedContentTypeError(accepted);
  }
}

/**
 * The body of a webhook as an event's data.
 *
 * @throws BodyNotJsonError
 * @throws BodyOutOfBoundsError
 */
export function readJsonBody(body: Uint8Array, limits: JsonLimits): EventData {
  const { data, problems } = dataFromJson(parseJsonBytes(body, textLimits(limits)), limits, '');
  if (problems.length > 0) throw new BodyOutOfBoundsError(problems);
  return data;
}
