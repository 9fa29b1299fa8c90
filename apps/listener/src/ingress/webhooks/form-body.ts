import {
  BodyOutOfBoundsError,
  type EventData,
  headerOf,
  type Headers,
  isJsonType,
  isUtf8Type,
  parseMediaType,
  readJsonBody,
} from '@app/events';
import {
  BodyNotJsonError,
  decodeUtf8,
  type JsonLimits,
  jsonObjectOf,
  jsonProblems,
  type JsonValue,
  toJsonText,
} from '@app/json';
import { Buffer } from 'node:buffer';
import { boundaryIn, type FormPart, readFormParts } from './form-parts.js';

const FORM = 'application/x-www-form-urlencoded';
const PARTS = 'multipart/form-data';
const TOKEN_FIELD = 'access_token';
/** The only field of forms in which GitHub (by default) and others send JSON. */
const PAYLOAD_FIELD = 'payload';
const BYTE_ORDER_MARK = /^\uFEFF+/;
/** The beginning of JSON. A form can't begin with it, because names of fields are percent-encoded. */
const JSON_BEGINNING = /^\s*[{[]/;

/** A webhook that was sent as a form. */
export interface FormBody {
  /**
   * The fields as a JSON object: a string, a file, or a list of them for a repeated field. If the only field is
   * `payload`, the JSON in it. If the body is JSON with the content type of a form, that JSON.
   */
  readonly data: EventData;
  /** The field `access_token`, which is not part of the data. */
  readonly accessToken: string | undefined;
}

/** Whether the head of a request announces a form. */
export function isForm(headers: Headers): boolean {
  const contentType = headerOf(headers, 'content-type');
  const type = contentType === undefined ? undefined : parseMediaType(contentType);
  return type?.essence === FORM && isUtf8Type(type);
}

/** The boundary of a `multipart/form-data` body; undefined for other content types. */
export function partsBoundaryOf(headers: Headers): string | undefined {
  const contentType = headerOf(headers, 'content-type');
  if (contentType === undefined || parseMediaType(contentType)?.essence !== PARTS) return undefined;
  return boundaryIn(contentType);
}

/** @throws BodyOutOfBoundsError */
export function readFormBody(body: Uint8Array, limits: JsonLimits): FormBody {
  const text = decodeUtf8(body)?.replace(BYTE_ORDER_MARK, '');
  if (text === undefined) throw new BodyOutOfBoundsError([{ detail: 'is not valid UTF-8' }]);
  // `curl -d` and some libraries send JSON with the content type of a form.
  const whole = JSON_BEGINNING.test(text) ? jsonIn(Buffer.from(text), limits) : undefined;
  if (whole) return { data: whole, accessToken: undefined };
  const fields = valuesByName(text, limits.membersMax);
  const [payload] = fields.get(PAYLOAD_FIELD) ?? [];
  return formOf(fields, limits, typeof payload === 'string' ? Buffer.from(payload) : undefined);
}

/**
 * Reads a form with fields and files. A field whose bytes are not text is passed on like a file, so that nothing is
 * lost.
 *
 * @param bytesMax the largest resulting JSON. Files are base64 there, which is a third longer.
 * @throws BodyOutOfBoundsError
 */
export function readMultipartBody(
  body: Buffer,
  boundary: string,
  limits: JsonLimits,
  bytesMax: number,
): FormBody {
  const fields = new Map<string, JsonValue[]>();
  const parts = readFormParts(body, boundary, limits.membersMax);
  for (const part of parts) add(fields, part.name, valueOf(part, limits));
  // The content type of the field does not matter: JSON is looked for in its bytes. A file stays a file.
  const payload = parts.find(({ name }) => name === PAYLOAD_FIELD);
  const form = formOf(fields, limits, payload?.filename === undefined ? payload?.bytes : undefined);
  const bytes = form.data.kind === 'json' ? Buffer.byteLength(form.data.text) : 0;
  if (bytes <= bytesMax) return form;
  const detail = `has ${bytes} bytes as JSON, with files in base64, and at most ${bytesMax} are accepted (BODY_BYTES_MAX)`;
  throw new BodyOutOfBoundsError([{ detail }]);
}

function valueOf({ filename, contentType, bytes }: FormPart, limits: JsonLimits): JsonValue {
  const type = contentType === undefined ? undefined : parseMediaType(contentType);
  if (filename === undefined) {
    const json = type && isJsonType(type) ? jsonIn(bytes, limits) : undefined;
    if (json?.kind === 'json') return json.value;
    const text = textIn(bytes, type?.charset);
    if (text !== undefined) return text;
  }
  return {
    ...(filename !== undefined && { filename }),
    ...(contentType !== undefined && { contentType }),
    sizeBytes: bytes.length,
    base64: bytes.toString('base64'),
  };
}

/** Decodes bytes in the charset that the part names, else UTF-8; undefined if they are not valid in it. */
function textIn(bytes: Buffer, charset = 'utf-8'): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** @param bytes the bytes of the field `payload`; undefined if there is none or it is a file */
function formOf(
  fields: Map<string, JsonValue[]>,
  limits: JsonLimits,
  bytes: Buffer | undefined,
): FormBody {
  const [token = '', ...others] = fields.get(TOKEN_FIELD) ?? [];
  if (others.length > 0 || typeof token !== 'string') {
    // As in the query: it is not known which one counts, and another reader may choose otherwise.
    const detail = others.length > 0 ? 'must not be repeated' : 'must be a text';
    throw new BodyOutOfBoundsError([{ path: TOKEN_FIELD, detail }]);
  }
  fields.delete(TOKEN_FIELD);
  const accessToken = token === '' ? undefined : token;
  const isAlone = fields.size === 1 && fields.get(PAYLOAD_FIELD)?.length === 1;
  const json = isAlone && bytes ? jsonIn(bytes, limits) : undefined;
  if (json) return { data: json, accessToken };
  const value = jsonObjectOf(
    [...fields].map(([name, [first = '', ...more]]): [string, JsonValue] => [
      name,
      more.length === 0 ? first : [first, ...more],
    ]),
  );
  const problems = jsonProblems(value, limits, '');
  if (problems.length > 0) throw new BodyOutOfBoundsError(problems);
  return { data: { kind: 'json', text: toJsonText(value), value }, accessToken };
}

/** The JSON in a field; undefined if it holds other text. */
function jsonIn(bytes: Buffer, limits: JsonLimits): EventData | undefined {
  try {
    return readJsonBody(bytes, limits);
  } catch (error) {
    if (error instanceof BodyNotJsonError) return undefined;
    throw error;
  }
}

/** The values of each field. A form with too many fields is refused before it is parsed. */
function valuesByName(text: string, fieldsMax: number): Map<string, JsonValue[]> {
  const separators = text.match(/&/g)?.length ?? 0;
  if (separators >= fieldsMax) {
    throw new BodyOutOfBoundsError([
      { detail: `has more than ${fieldsMax} fields (JSON_MEMBERS_MAX)` },
    ]);
  }
  const values = new Map<string, JsonValue[]>();
  for (const [name, value] of new URLSearchParams(text)) add(values, name, value);
  return values;
}

function add(values: Map<string, JsonValue[]>, name: string, value: JsonValue): void {
  const known = values.get(name);
  if (known) known.push(value);
  else values.set(name, [value]);
}
