import { Buffer } from 'node:buffer';
import { type Problem } from '@app/errors';
import {
  BodyNotJsonError,
  decodeUtf8,
  type JsonLimits,
  jsonProblems,
  type JsonValue,
  type ParsedJson,
} from '@app/json';
import { isJsonType, isTextType, isUtf8Type, parseMediaType } from '../attributes/media-type.js';
import { type EventData } from './cloud-event.js';
import { BodyOutOfBoundsError, UnsupportedContentTypeError } from '../errors.js';
import { parseWithin, textLimits } from '../limits.js';

/** Data that was read, or its problems. */
export interface DataReading {
  readonly data: EventData | undefined;
  readonly problems: readonly Problem[];
}

export const NO_DATA: DataReading = { data: undefined, problems: [] };

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Data that was sent as bytes, by its media type: JSON is parsed and keeps its text, text in UTF-8
 * becomes a string, anything else (and anything without a type) stays bytes. An empty body means no
 * data. Without `limits` JSON may be of any size and depth.
 *
 * @throws BodyNotJsonError
 * @throws BodyOutOfBoundsError for JSON that is far beyond `limits`
 * @throws UnsupportedContentTypeError for JSON in another charset than UTF-8
 */
export function dataFromBytes(
  bytes: Uint8Array,
  contentType: string | undefined,
  limits: JsonLimits | undefined,
): DataReading {
  if (bytes.length === 0) return NO_DATA;
  const type = contentType === undefined ? undefined : parseMediaType(contentType);
  if (type && isJsonType(type)) {
    if (!isUtf8Type(type))
      throw new UnsupportedContentTypeError([`${type.essence}; charset=utf-8`]);
    return dataFromJson(parseWithin(bytes, limits && textLimits(limits)), limits, '');
  }
  if (type && isTextType(type) && isUtf8Type(type)) {
    const text = decodeUtf8(bytes);
    return text === undefined
      ? wrong({ path: '', detail: 'is not valid UTF-8' })
      : right({ kind: 'text', text });
  }
  return right({ kind: 'binary', bytes });
}

/** `path` is where the value is in the body, for problems. */
export function dataFromJson(
  { text, value }: ParsedJson,
  limits: JsonLimits | undefined,
  path: string,
): DataReading & { readonly data: EventData } {
  const problems = limits ? jsonProblems(value, limits, path) : [];
  return { data: { kind: 'json', text, value }, problems };
}

/**
 * A body of JSON as an event's data.
 *
 * @throws BodyNotJsonError
 * @throws BodyOutOfBoundsError
 */
export function readJsonBody(body: Uint8Array, limits: JsonLimits): EventData {
  const { data, problems } = dataFromJson(parseWithin(body, textLimits(limits)), limits, '');
  if (problems.length > 0) throw new BodyOutOfBoundsError(problems);
  return data;
}

/**
 * Data in base64, of the member at `path`: RFC 4648, section 4, with padding. Bytes that are declared as JSON and are
 * valid JSON are parsed, so it makes no difference how a sender wraps them. Other bytes stay bytes: the JSON format,
 * section 3.1.1, asks nothing of them whatever their type.
 */
export function dataFromBase64(
  value: JsonValue,
  path: string,
  contentType: string | undefined,
  limits: JsonLimits | undefined,
): DataReading {
  if (typeof value !== 'string' || value.length % 4 !== 0 || !BASE64.test(value)) {
    return wrong({ path, detail: 'must be base64 (RFC 4648, with padding)' });
  }
  const bytes = Buffer.from(value, 'base64');
  const type = contentType === undefined ? undefined : parseMediaType(contentType);
  if (!type || !isJsonType(type)) return right({ kind: 'binary', bytes });
  try {
    return dataFromJson(parseWithin(bytes, limits && textLimits(limits)), limits, path);
  } catch (error) {
    if (!(error instanceof BodyNotJsonError)) throw error;
    return right({ kind: 'binary', bytes });
  }
}

export function wrong(problem: Problem): DataReading {
  return { data: undefined, problems: [problem] };
}

export function right(data: EventData): DataReading {
  return { data, problems: [] };
}
