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
 * Refuses a webhook that is neither JSON nor plain text by its headers alone. A ping has no body, and
 * often no type either.
 *
 * @param accepted the types that its sender is told of
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
 * The body of a webhook as an event's data: none, if it is empty. Some senders of JSON call it plain
 * text and can't be told otherwise (AWS SNS), so what is JSON is read as JSON; other text stays text.
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
