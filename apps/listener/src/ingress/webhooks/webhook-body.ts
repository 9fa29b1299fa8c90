import {
  type EventData,
  headerOf,
  type Headers,
  isJsonType,
  isTextType,
  isUtf8Type,
  type MediaType,
  parseMediaType,
  readJsonBody,
  UnsupportedContentTypeError,
} from '@app/events';
import { BodyNotJsonError, decodeUtf8, type JsonLimits } from '@app/json';

const PLAIN_TEXT = 'text/plain';

/**
 * Rejects a webhook that is neither JSON nor plain text, by its headers alone. A request without a body, such as a ping,
 * needs no content type.
 *
 * @param accepted the content types that the error names
 * @throws UnsupportedContentTypeError
 */
export function requireWebhookContentType(
  headers: Headers,
  accepted: readonly string[],
  hasBody: boolean,
): void {
  const type = typeOf(headers);
  const isTaken =
    type === undefined
      ? !hasBody && headers['content-type'] === undefined
      : (isJsonType(type) || type.essence === PLAIN_TEXT) && isUtf8Type(type);
  if (!isTaken) throw new UnsupportedContentTypeError(accepted);
}

/**
 * Reads the body of a webhook as an event's data; undefined if it is empty. Some senders label JSON as plain text (AWS
 * SNS), so plain text that is JSON is read as JSON.
 *
 * @throws BodyNotJsonError
 * @throws BodyOutOfBoundsError
 */
export function readWebhookBody(
  headers: Headers,
  body: Uint8Array,
  limits: JsonLimits,
): EventData | undefined {
  if (body.length === 0) return undefined;
  const type = typeOf(headers);
  if (type === undefined || !isTextType(type) || isJsonType(type))
    return readJsonBody(body, limits);
  try {
    return readJsonBody(body, limits);
  } catch (error) {
    const text = decodeUtf8(body);
    if (!(error instanceof BodyNotJsonError) || text === undefined) throw error;
    return { kind: 'text', text };
  }
}

function typeOf(headers: Headers): MediaType | undefined {
  const contentType = headerOf(headers, 'content-type');
  return contentType === undefined ? undefined : parseMediaType(contentType);
}
