import {
  BodyOutOfBoundsError,
  type EventData,
  headerOf,
  type Headers,
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

const FORM = 'application/x-www-form-urlencoded';
const TOKEN_FIELD = 'access_token';
/** Where GitHub, by default, and others put JSON: then it is the only field. */
const PAYLOAD_FIELD = 'payload';
const BYTE_ORDER_MARK = /^\uFEFF+/;
/** No form begins with one: in names of fields they are percent-encoded. */
const JSON_BEGINNING = /^\s*[{[]/;

/** A webhook that was sent as a form. */
export interface FormBody {
  /**
   * The fields as a JSON object: text, or a list of texts where a field is repeated; of a form whose
   * only field is `payload`, the JSON in it; of JSON that is only called a form, the JSON.
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

/** @throws BodyOutOfBoundsError */
export function readFormBody(body: Uint8Array, limits: JsonLimits): FormBody {
  const text = decodeUtf8(body)?.replace(BYTE_ORDER_MARK, '');
  if (text === undefined) throw new BodyOutOfBoundsError([{ detail: 'is not valid UTF-8' }]);
  // What `curl -d '{…}'` sends, and others whose library says "form" of whatever it is given.
  const whole = JSON_BEGINNING.test(text) ? jsonIn(text, limits) : undefined;
  if (whole) return { data: whole, accessToken: undefined };
  const fields = valuesByName(text, limits.membersMax);
  const [accessToken = '', ...others] = fields.get(TOKEN_FIELD) ?? [];
  if (others.length > 0) {
    // As in the query: which one counts would be a guess, and another reader may guess otherwise.
    throw new BodyOutOfBoundsError([{ path: TOKEN_FIELD, detail: 'must not be repeated' }]);
  }
  fields.delete(TOKEN_FIELD);
  const payload = fields.size === 1 ? fields.get(PAYLOAD_FIELD) : undefined;
  const json = payload?.length === 1 ? jsonIn(payload[0] ?? '', limits) : undefined;
  if (json) return { data: json, accessToken: accessToken === '' ? undefined : accessToken };
  const value = jsonObjectOf(
    [...fields].map(([name, [first = '', ...more]]): [string, JsonValue] => [
      name,
      more.length === 0 ? first : [first, ...more],
    ]),
  );
  const problems = jsonProblems(value, limits, '');
  if (problems.length > 0) throw new BodyOutOfBoundsError(problems);
  return {
    data: { kind: 'json', text: toJsonText(value), value },
    accessToken: accessToken === '' ? undefined : accessToken,
  };
}

/** The JSON that a field holds; undefined when it holds other text. */
function jsonIn(text: string, limits: JsonLimits): EventData | undefined {
  try {
    return readJsonBody(Buffer.from(text), limits);
  } catch (error) {
    if (error instanceof BodyNotJsonError) return undefined;
    throw error;
  }
}

/** Each field once, however often it is there; what has too many is not even taken apart. */
function valuesByName(text: string, fieldsMax: number): Map<string, string[]> {
  const separators = text.match(/&/g)?.length ?? 0;
  if (separators >= fieldsMax) {
    throw new BodyOutOfBoundsError([
      { detail: `has more than ${fieldsMax} fields (JSON_MEMBERS_MAX)` },
    ]);
  }
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const known = values.get(name);
    if (known) known.push(value);
    else values.set(name, [value]);
  }
  return values;
}
