import { Buffer } from 'node:buffer';

const PERCENT = 0x25;
const BACKSLASH = 0x5c;
const PLUS = 0x2b;
const SPACE = 0x20;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const LETTER_U = 0x75;
/** The code point that replaces a lone surrogate in UTF-8. */
const REPLACEMENT = 0xfffd;
/** The byte that a character after a backslash stands for in JSON; 0 for other characters. */
const ESCAPES = new Uint8Array(256);
for (const pair of ['""', String.raw`\\`, '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t'])
  ESCAPES[pair.charCodeAt(0)] = pair.charCodeAt(1);

/**
 * A text in UTF-8 with some layers of escapes decoded, for a search. `+` is a space, as in forms; line breaks are left out,
 * as in wrapped base64. `starts` and `ends` map each byte to the bytes of the original text.
 */
export interface DecodedText {
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** The most layers of escapes that are decoded; JSON in JSON in a form has three. */
export const LAYERS_MAX = 6;

/** The text itself, without any layer decoded. */
export function undecoded(bytes: Buffer): DecodedText {
  const writer = new DecodedTextWriter(bytes.length);
  for (let at = 0; at < bytes.length; at += 1) writer.push(bytes[at] ?? 0, at, at + 1);
  return writer.layer();
}

/** The bytes that a text has in `undecoded`. */
export function searchedBytes(text: string): Buffer {
  return Buffer.from(text.replace(/[\r\n]/g, '').replaceAll('+', ' '));
}

/**
 * Decodes one more layer of escapes: percent-encoding (upper or lower case) and escapes of JSON; undefined if there are
 * none. The target of a call chooses the text, which may be megabytes of escapes, and the process does nothing else
 * meanwhile, so no byte may cost an object.
 */
export function decodedOnce({ bytes, starts, ends }: DecodedText): DecodedText | undefined {
  if (!bytes.includes(PERCENT) && !bytes.includes(BACKSLASH)) return undefined;
  const writer = new DecodedTextWriter(bytes.length);
  let escapes = 0;
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] ?? 0;
    const length =
      first === PERCENT || first === BACKSLASH ? writeEscape(writer, bytes, at, starts, ends) : 0;
    if (length === 0) writer.push(first, starts[at] ?? 0, ends[at] ?? 0);
    else escapes += 1;
    at += length || 1;
  }
  return escapes === 0 ? undefined : writer.layer();
}

/** Decodes the escape at `at`, if any. @returns its length; 0 if there is none */
function writeEscape(
  writer: DecodedTextWriter,
  bytes: Buffer,
  at: number,
  starts: Uint32Array,
  ends: Uint32Array,
): number {
  const from = starts[at] ?? 0;
  if (bytes[at] === PERCENT) {
    const byte = hexAt(bytes, at + 1, 2);
    if (byte === -1) return 0;
    writer.push(byte, from, ends[at + 2] ?? 0);
    return 3;
  }
  const next = bytes[at + 1] ?? 0;
  const meant = ESCAPES[next] ?? 0;
  if (meant !== 0) {
    writer.push(meant, from, ends[at + 1] ?? 0);
    return 2;
  }
  const unit = next === LETTER_U ? hexAt(bytes, at + 2, 4) : -1;
  if (unit === -1) return 0;
  const low = isHigh(unit) ? lowAt(bytes, at + 6) : -1;
  const length = low === -1 ? 6 : 12;
  const half = isSurrogate(unit) ? REPLACEMENT : unit;
  const codePoint = low === -1 ? half : 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
  writer.pushCodePoint(codePoint, from, ends[at + length - 1] ?? 0);
  return length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xe000;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

/** The low surrogate at `at`; -1 for anything else. */
function lowAt(bytes: Buffer, at: number): number {
  if (bytes[at] !== BACKSLASH || bytes[at + 1] !== LETTER_U) return -1;
  const unit = hexAt(bytes, at + 2, 4);
  return isSurrogate(unit) && !isHigh(unit) ? unit : -1;
}

/** The value of hexadecimal digits; -1 if there are fewer than `digits`. */
function hexAt(bytes: Buffer, at: number, digits: number): number {
  let value = 0;
  for (let index = at; index < at + digits; index += 1) {
    const digit = hexDigit(bytes[index] ?? 0);
    if (digit === -1) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Writes a decoded layer. An escape never decodes to more bytes than it has, so the buffers need no growth. */
class DecodedTextWriter {
  readonly #bytes: Buffer;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  #length = 0;

  constructor(lengthMax: number) {
    this.#bytes = Buffer.alloc(lengthMax);
    this.#starts = new Uint32Array(lengthMax);
    this.#ends = new Uint32Array(lengthMax);
  }

  push(byte: number, start: number, end: number): void {
    if (byte === LINE_FEED || byte === CARRIAGE_RETURN) return;
    this.#bytes[this.#length] = byte === PLUS ? SPACE : byte;
    this.#starts[this.#length] = start;
    this.#ends[this.#length] = end;
    this.#length += 1;
  }

  /** Writes a code point as UTF-8. */
  pushCodePoint(code: number, start: number, end: number): void {
    if (code < 0x80) {
      this.push(code, start, end);
      return;
    }
    const more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    // The leading bits of the first byte say how many bytes follow; each of those has six bits.
    this.push(((0xff00 >> (more + 1)) & 0xff) | (code >> (6 * more)), start, end);
    for (let left = more - 1; left >= 0; left -= 1)
      this.push(0x80 | ((code >> (6 * left)) & 0x3f), start, end);
  }

  layer(): DecodedText {
    const length = this.#length;
    return {
      bytes: this.#bytes.subarray(0, length),
      starts: this.#starts.subarray(0, length),
      ends: this.#ends.subarray(0, length),
    };
  }
}
