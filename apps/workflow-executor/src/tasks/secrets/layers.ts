import { Buffer } from 'node:buffer';

const PERCENT = 0x25;
const BACKSLASH = 0x5c;
const PLUS = 0x2b;
const SPACE = 0x20;
const LINE_BREAKS: ReadonlySet<number> = new Set([0x0a, 0x0d]);
const LETTER_U = 0x75;
/** What stands behind a backslash in JSON, and what it means. */
const ESCAPES: ReadonlyMap<number, number> = new Map(
  ['""', String.raw`\\`, '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t'].map((pair) => [
    pair.charCodeAt(0),
    pair.charCodeAt(1),
  ]),
);

/**
 * A text with so many layers of escapes taken off, in UTF-8, for a search: `+` is a space, as in forms, and line
 * breaks are left out, as in wrapped base64. `starts` and `ends` say which bytes of the text each byte stands for.
 */
export interface Layer {
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** The text itself. */
export function outermost(text: string): Layer {
  const bytes = Buffer.from(text);
  const writer = new LayerWriter(bytes.length);
  for (let at = 0; at < bytes.length; at += 1) writer.push(bytes[at] ?? 0, at, at + 1);
  return writer.layer();
}

/**
 * The same with one layer of escapes less: percent-encoding, in either case, and escapes of JSON, each at any of its
 * characters; undefined when it has none.
 */
export function peeled({ bytes, starts, ends }: Layer): Layer | undefined {
  const writer = new LayerWriter(bytes.length);
  let escapes = 0;
  for (let at = 0; at < bytes.length;) {
    const escape = readEscape(bytes, at);
    const length = escape?.length ?? 1;
    const from = starts[at] ?? 0;
    const to = ends[at + length - 1] ?? 0;
    if (escape) escapes += 1;
    for (const byte of escape?.bytes ?? [bytes[at] ?? 0]) writer.push(byte, from, to);
    at += length;
  }
  return escapes === 0 ? undefined : writer.layer();
}

interface Escape {
  readonly bytes: Iterable<number>;
  readonly length: number;
}

function readEscape(bytes: Buffer, at: number): Escape | undefined {
  const first = bytes[at];
  if (first === PERCENT) {
    const byte = hexAt(bytes, at + 1, 2);
    return byte === undefined ? undefined : { bytes: [byte], length: 3 };
  }
  if (first !== BACKSLASH) return undefined;
  const next = bytes[at + 1];
  const meant = next === undefined ? undefined : ESCAPES.get(next);
  if (meant !== undefined) return { bytes: [meant], length: 2 };
  const unit = next === LETTER_U ? hexAt(bytes, at + 2, 4) : undefined;
  if (unit === undefined) return undefined;
  const low = isPair(bytes, at + 6) ? hexAt(bytes, at + 8, 4) : undefined;
  const isWhole =
    unit >= 0xd800 && unit < 0xdc00 && low !== undefined && low >= 0xdc00 && low < 0xe000;
  return isWhole
    ? { bytes: Buffer.from(String.fromCharCode(unit, low)), length: 12 }
    : { bytes: Buffer.from(String.fromCharCode(unit)), length: 6 };
}

function isPair(bytes: Buffer, at: number): boolean {
  return bytes[at] === BACKSLASH && bytes[at + 1] === LETTER_U;
}

function hexAt(bytes: Buffer, at: number, digits: number): number | undefined {
  let value = 0;
  for (let index = at; index < at + digits; index += 1) {
    const digit = hexDigit(bytes[index] ?? 0);
    if (digit === undefined) return undefined;
    value = value * 16 + digit;
  }
  return value;
}

function hexDigit(code: number): number | undefined {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : undefined;
}

/** An escape never means more bytes than it has, so what is peeled fits into what it was. */
class LayerWriter {
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
    if (LINE_BREAKS.has(byte)) return;
    this.#bytes[this.#length] = byte === PLUS ? SPACE : byte;
    this.#starts[this.#length] = start;
    this.#ends[this.#length] = end;
    this.#length += 1;
  }

  layer(): Layer {
    const length = this.#length;
    return {
      bytes: this.#bytes.subarray(0, length),
      starts: this.#starts.subarray(0, length),
      ends: this.#ends.subarray(0, length),
    };
  }
}
