import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@app/json';
import { FILE_NAME_CHARS_MAX, FORM_PARTS_MAX } from '../../bounds.js';
import { type FormPart } from '../../state/http-call.js';
import { type ParamRule } from '../task-behaviour.js';
import { pairsIn } from './headers.js';
import { ruleOf } from './http-params.js';
import { type Fields } from './url-encoding.js';

/** `sizeBytes` is what a webhook with files has besides; it is not looked at. */
const MEMBERS = ['filename', 'contentType', 'text', 'base64', 'sizeBytes'];
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** RFC 9110, section 8.3.1: a type, a subtype, and perhaps parameters; nothing that ends a header. */
const CONTENT_TYPE =
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]+\/[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:[ \t]*;[\t\x20-\x7e]*)?$/;

/** `files` of an `http` task: with it, the fields of `form` and the files are sent as multipart/form-data. */
export const FILES: ParamRule = {
  ...ruleOf(
    readFiles,
    `must be an object of up to ${FORM_PARTS_MAX} files: names, each with { filename, contentType, base64 } or { filename, text }, or a list of such`,
  ),
  about: 'Files, which are sent together with the fields of `form` as multipart/form-data.',
  schema: { type: ['object', 'array'] },
  notWith: 'body',
};

/**
 * Files in their order; undefined for anything else. `null` leaves a name out, a list sends it several times, and an
 * array of `{name, value}` stands for an object.
 */
export function readFiles(value: JsonValue): readonly FormPart[] | undefined {
  const parts: FormPart[] = [];
  for (const [name, given] of pairsIn(value) ?? [['', false] as const]) {
    for (const each of isJsonArray(given) ? given : [given]) {
      const part = each === null ? null : readFile(name, each);
      if (part === undefined || parts.length >= FORM_PARTS_MAX) return undefined;
      if (part !== null) parts.push(part);
    }
  }
  return parts;
}

function readFile(name: string, value: JsonValue): FormPart | undefined {
  if (!isJsonObject(value) || Object.keys(value).some((one) => !MEMBERS.includes(one))) {
    return undefined;
  }
  const { filename = name } = value;
  const content = contentOf(value);
  const isNamed = [name, filename].every(
    (text) => typeof text === 'string' && text.length <= FILE_NAME_CHARS_MAX,
  );
  if (content === undefined || !isNamed || typeof filename !== 'string') return undefined;
  const kind =
    content.base64 === undefined ? 'text/plain; charset=utf-8' : 'application/octet-stream';
  const { contentType = kind } = value;
  if (typeof contentType !== 'string' || contentType.length > FILE_NAME_CHARS_MAX) return undefined;
  return CONTENT_TYPE.test(contentType) ? { name, filename, contentType, ...content } : undefined;
}

function contentOf({ text, base64 }: JsonObject): Pick<FormPart, 'text' | 'base64'> | undefined {
  if (text === undefined) {
    return typeof base64 === 'string' && BASE64.test(base64) ? { base64 } : undefined;
  }
  return typeof text === 'string' && base64 === undefined ? { text } : undefined;
}

/** The fields of a form as parts of it. */
export function partsOf(fields: Fields): readonly FormPart[] {
  return fields.map(([name, text]) => ({ name, text }));
}
