import { type JsonLimits } from '@app/json';
import { attributesFromHeaders } from '../binary/binary-attributes.js';
import { dataFromBytes } from '../event/event-data.js';
import { headerOf, type Headers, type SeparateHeaders } from '../headers.js';
import { type EventLimits, parseWithin, textLimits } from '../limits.js';
import { type RawEvent } from '../event/cloud-event.js';
import { readStructured } from '../structured/envelope.js';
import { readBatch } from './batch.js';
import { type ContentMode } from './content-mode.js';

/** One event or several, read and not checked yet: `checkEvent` does that after the token was checked. */
export type HttpMessage =
  | { readonly kind: 'event'; readonly event: RawEvent }
  /** In the order they were sent; each may be invalid by itself. */
  | { readonly kind: 'batch'; readonly events: readonly RawEvent[] };

/**
 * Reads a request in the mode that `contentModeOf` told.
 *
 * @throws BodyNotJsonError
 * @throws BodyOutOfBoundsError for what is far beyond the limits
 * @throws InvalidBatchError
 * @throws BatchTooLargeError
 * @throws UnsupportedContentTypeError for JSON data in another charset than UTF-8
 */
export function readHttpMessage(
  mode: ContentMode,
  request: SeparateHeaders,
  body: Uint8Array,
  limits: EventLimits,
): HttpMessage {
  switch (mode) {
    case 'structured':
      return {
        kind: 'event',
        event: readStructured(parseWithin(body, textLimits(limits)), limits),
      };
    case 'batch':
      return {
        kind: 'batch',
        events: readBatch(parseWithin(body, textLimits(limits, limits.batchEventsMax)), limits),
      };
    case 'binary':
      return { kind: 'event', event: readBinary(request.headersDistinct, body, limits) };
  }
}

/** Binary mode, section 3.1: the content type is that of the data, and its header is the only place for it. */
function readBinary(headers: Headers, body: Uint8Array, limits: JsonLimits): RawEvent {
  const { attributes, problems } = attributesFromHeaders(headers);
  const { datacontenttype: misplaced, ...others } = attributes;
  const datacontenttype = headerOf(headers, 'content-type');
  const reading = dataFromBytes(body, datacontenttype, limits);
  return {
    attributes: datacontenttype === undefined ? others : { ...others, datacontenttype },
    data: reading.data,
    problems: [
      ...problems,
      ...(misplaced === undefined ? [] : [MISPLACED_CONTENT_TYPE]),
      ...reading.problems,
    ],
  };
}

const MISPLACED_CONTENT_TYPE = {
  attribute: 'datacontenttype',
  detail: 'must be in the header Content-Type, not in ce-datacontenttype',
};
