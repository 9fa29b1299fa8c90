import {
  ExactNumber,
  isJsonObject,
  isSameJson,
  type JsonLimits,
  type JsonObject,
  type JsonValue,
  memberText,
  toJsonText,
  valueStart,
  type ParsedJson,
} from '@app/json';
import { isJsonType, parseMediaType } from '../attributes/media-type.js';
import {
  dataFromBase64,
  dataFromJson,
  NO_DATA,
  right,
  wrong,
  type DataReading,
} from '../event/event-data.js';
import { ATTRIBUTES_MAX } from '../limits.js';
import { type RawEvent } from '../event/cloud-event.js';

/** The text that an envelope was parsed from, and where in it the envelope begins. */
export interface EnvelopeSource {
  readonly text: string;
  readonly start: number;
}

/** One event in the JSON format, not checked yet. */
export function readStructured(json: ParsedJson, limits: JsonLimits | undefined): RawEvent {
  return readEnvelope(json.value, { text: json.text, start: valueStart(json.text) }, limits);
}

/**
 * Reads the envelope of the JSON format, section 3. The limits are for the data alone, so that an event accepted in
 * binary mode is not too deep in an envelope. Attributes have a bound of their own, which is checked first: their
 * sender may not be authorized yet.
 */
export function readEnvelope(
  envelope: JsonValue,
  source: EnvelopeSource,
  limits: JsonLimits | undefined,
): RawEvent {
  if (!isJsonObject(envelope)) return unreadable('must be a JSON object');
  if (limits && Object.keys(envelope).length > ATTRIBUTES_MAX) {
    return unreadable(`has more than ${ATTRIBUTES_MAX} attributes`);
  }
  const { data, data_base64: base64, ...sent } = envelope;
  const attributes = withPlainNumbers(sent);
  const reading =
    base64 === undefined || base64 === null
      ? readData(data, attributes, source, limits)
      : readBase64(base64, data, attributes, limits);
  return { attributes, ...reading };
}

/** As an attribute, 1.0 is the integer 1. A number that is no double stays as it is, and is rejected later. */
function withPlainNumbers(attributes: JsonObject): JsonObject {
  for (const name in attributes) {
    if (attributes[name] instanceof ExactNumber) return plainNumbersIn(attributes);
  }
  return attributes;
}

function plainNumbersIn(attributes: JsonObject): JsonObject {
  const members = Object.entries(attributes);
  return Object.fromEntries(members.map(([name, value]) => [name, plainNumberOf(value) ?? value]));
}

function plainNumberOf(value: JsonValue): number | undefined {
  const double = value instanceof ExactNumber ? Number(value.text) : undefined;
  // Plus 0 turns -0 into 0: there is no integer -0.
  return double !== undefined && isSameJson(double, value) ? double + 0 : undefined;
}

function unreadable(detail: string): RawEvent {
  return { attributes: undefined, data: undefined, problems: [{ path: '', detail }] };
}

function readBase64(
  base64: JsonValue,
  data: JsonValue | undefined,
  attributes: JsonObject,
  limits: JsonLimits | undefined,
): DataReading {
  return data === undefined
    ? dataFromBase64(base64, '/data_base64', contentTypeOf(attributes), limits)
    : wrong({ path: '/data_base64', detail: 'must not be there beside "data"' });
}

function readData(
  data: JsonValue | undefined,
  attributes: JsonObject,
  source: EnvelopeSource,
  limits: JsonLimits | undefined,
): DataReading {
  if (data === undefined) return NO_DATA;
  const contentType = contentTypeOf(attributes);
  if (typeof data === 'string' && hasEncoding03(attributes)) {
    return isBase64(attributes['datacontentencoding'])
      ? dataFromBase64(data, '/data', contentType, limits)
      : wrong({ attribute: 'datacontentencoding', detail: 'must be "base64"' });
  }
  if (declaresJson(contentType)) {
    const text = memberText(source.text, source.start, 'data') ?? toJsonText(data);
    return dataFromJson({ text, value: data }, limits, '/data');
  }
  // Where only a string is valid, null counts as absent.
  if (data === null) return NO_DATA;
  return typeof data === 'string'
    ? right({ kind: 'text', text: data })
    : wrong({ path: '/data', detail: 'must be a string, as datacontenttype is not JSON' });
}

/** CloudEvents 0.3 marked a string that is base64 with an attribute, to be ignored on other data. */
function hasEncoding03(attributes: JsonObject): boolean {
  const encoding = attributes['datacontentencoding'];
  return attributes['specversion'] === '0.3' && encoding !== undefined && encoding !== null;
}

function isBase64(encoding: JsonValue | undefined): boolean {
  return typeof encoding === 'string' && encoding.toLowerCase() === 'base64';
}

/** An invalid content type is reported where the attributes are checked. */
function contentTypeOf(attributes: JsonObject): string | undefined {
  const contentType = attributes['datacontenttype'];
  return typeof contentType === 'string' ? contentType : undefined;
}

/** Section 3.1.1: no content type means JSON in this format. */
function declaresJson(contentType: string | undefined): boolean {
  if (contentType === undefined) return true;
  const type = parseMediaType(contentType);
  return type !== undefined && isJsonType(type);
}
