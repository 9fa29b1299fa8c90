import { BodyOutOfBoundsError } from '@app/events';
import { decodeUtf8 } from '@app/json';
import { parse } from 'content-type';
import { Buffer } from 'node:buffer';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const DASH = 0x2d;
const BLANKS: ReadonlySet<number | undefined> = new Set([0x20, 0x09]);
/** The most header bytes of all parts. Real senders need about 200 a part. Forms are read before authorization. */
const HEADER_BYTES_MAX = 262_144;
/** RFC 2046, section 5.1.1. */
const BOUNDARY = /^[\w'()+,./:=? -]{1,70}$/;
/** Quotes and line breaks in a name, as browsers escape them (WHATWG, multipart/form-data). */
const ESCAPED = /%(22|0D|0A)/gi;
/** A backslash, with the quote or backslash that it escapes (RFC 2183), if there is one. */
const BACKSLASH = /\\["\\]?/g;
const EXTENDED = /^utf-8'[^']*'(.*)$/i;

/** One field or file of a form. */
export interface FormPart {
  readonly name: string;
  /** Present in files only; may be empty. */
  readonly filename?: string;
  /** As it was sent. */
  readonly contentType?: string;
  readonly bytes: Buffer;
}

/** The boundary in a content type; undefined if it is missing or invalid. */
export function boundaryIn(contentType: string): string | undefined {
  const { boundary = '' } = parse(contentType).parameters;
  return BOUNDARY.test(boundary) ? boundary : undefined;
}

/**
 * Splits a `multipart/form-data` body (RFC 7578) into its parts, in order, in one pass. Lines may end in LF alone. Text
 * before the first boundary and after the last is ignored. Nested parts are not split.
 *
 * @param partsMax the most parts; a body with more is refused
 * @throws BodyOutOfBoundsError if the body has too many parts or is not well-formed
 */
export function readFormParts(
  body: Buffer,
  boundary: string,
  partsMax: number,
): readonly FormPart[] {
  const delimiter = Buffer.from(`\n--${boundary}`, 'latin1');
  const parts: FormPart[] = [];
  const headers = { bytesLeft: HEADER_BYTES_MAX };
  let before = nextDelimiter(body, delimiter, 0);
  while (before !== undefined && !before.isLast) {
    if (parts.length === partsMax) {
      throw refused(`has more than ${partsMax} fields (JSON_MEMBERS_MAX)`);
    }
    const next = nextDelimiter(body, delimiter, before.end);
    if (next === undefined) break;
    parts.push(readPart(body.subarray(before.end, next.start), parts.length, headers));
    before = next;
  }
  if (before?.isLast !== true) {
    throw refused('ends before the boundary that its content type names and "--"');
  }
  return parts;
}

interface Delimiter {
  /** The index where the part before the delimiter ends. */
  readonly start: number;
  /** The index where the line after the delimiter begins. */
  readonly end: number;
  readonly isLast: boolean;
}

/** Finds the next delimiter. The line break before it belongs to it, except at the beginning of the body. */
function nextDelimiter(body: Buffer, delimiter: Buffer, from: number): Delimiter | undefined {
  const dashed = delimiter.subarray(1);
  const isAtOnce = body.subarray(from, from + dashed.length).equals(dashed);
  let at = isAtOnce ? from : lineWith(body, delimiter, from);
  while (at !== undefined) {
    const behind = at + dashed.length;
    const isLast = body[behind] === DASH && body[behind + 1] === DASH;
    const end = isLast ? behind + 2 : lineEnd(body, behind);
    if (end !== undefined) return { start: endOfPart(body, from, at), end, isLast };
    // The line goes on, so it is a longer boundary or text.
    at = lineWith(body, delimiter, behind);
  }
  return undefined;
}

/** The index of the next line that begins with the delimiter. */
function lineWith(body: Buffer, delimiter: Buffer, from: number): number | undefined {
  const at = body.indexOf(delimiter, from);
  return at === -1 ? undefined : at + 1;
}

function endOfPart(body: Buffer, from: number, delimiterAt: number): number {
  let end = delimiterAt;
  if (end > from && body[end - 1] === LINE_FEED) end -= 1;
  if (end > from && body[end - 1] === CARRIAGE_RETURN) end -= 1;
  return end;
}

/** The index after the blanks and the line break at `from`; undefined if there is something else in the line. */
function lineEnd(body: Buffer, from: number): number | undefined {
  let at = from;
  while (BLANKS.has(body[at])) at += 1;
  if (body[at] === CARRIAGE_RETURN) at += 1;
  return body[at] === LINE_FEED ? at + 1 : undefined;
}

function readPart(part: Buffer, index: number, room: { bytesLeft: number }): FormPart {
  const headers = new Map<string, string>();
  let at = 0;
  for (;;) {
    const found = part.indexOf(LINE_FEED, at);
    const end = found === -1 ? part.length : found;
    room.bytesLeft -= end - at;
    if (room.bytesLeft < 0) {
      throw refused(`its parts have more than ${HEADER_BYTES_MAX} bytes of headers`);
    }
    const line = text(part.subarray(at, end)).replace(/\r$/, '');
    at = found === -1 ? end : end + 1;
    if (line === '') break;
    const colon = line.indexOf(':');
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const { name, filename } = namesIn(headers.get('content-disposition') ?? '');
  if (name === undefined) {
    throw refused(`part ${index + 1} has no name: Content-Disposition: form-data; name="..."`);
  }
  const contentType = headers.get('content-type');
  const isBase64 = headers.get('content-transfer-encoding')?.toLowerCase() === 'base64';
  const content = part.subarray(at);
  return {
    name,
    ...(filename !== undefined && { filename }),
    ...(contentType !== undefined && { contentType }),
    bytes: isBase64 ? Buffer.from(content.toString('latin1'), 'base64') : content,
  };
}

function namesIn(disposition: string): { readonly name?: string; readonly filename?: string } {
  const { type, parameters } = parse(disposition.replaceAll(BACKSLASH, escapedAlone));
  if (type !== 'form-data') return {};
  const { name, filename } = parameters;
  const said = extended(parameters['filename*']) ?? (filename && unescaped(filename)) ?? filename;
  return {
    ...(name !== undefined && { name: unescaped(name) }),
    ...(said !== undefined && { filename: said }),
  };
}

/** Browsers do not escape a backslash: one before any other character stands for itself. */
function escapedAlone(found: string): string {
  return found.length === 1 ? `\\${found}` : found;
}

function unescaped(written: string): string {
  return written.replaceAll(ESCAPED, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** Decodes a name in the syntax of RFC 8187, which RFC 7578 advises against and .NET sends. */
function extended(written: string | undefined): string | undefined {
  try {
    const encoded = EXTENDED.exec(written ?? '')?.[1];
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

function text(bytes: Buffer): string {
  return decodeUtf8(bytes) ?? bytes.toString('latin1');
}

function refused(detail: string): BodyOutOfBoundsError {
  return new BodyOutOfBoundsError([{ detail }]);
}
