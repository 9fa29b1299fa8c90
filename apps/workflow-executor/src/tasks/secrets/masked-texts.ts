import { Buffer } from 'node:buffer';
import { type DecodedText, decodedOnce, LAYERS_MAX, undecoded } from './decoded-text.js';

/** Replaces a secret. */
export const MASK = '***';

/** Stands behind each text where many are searched together. No text has this byte in UTF-8, and no secret. */
const END = 0xff;
/** The bytes that begin escapes, or are left out, in the search for secrets. */
const SPECIAL = [...Buffer.from('%\\+\r\n')];

type Range = readonly [start: number, end: number];

/** The most characters that are searched together: a layer takes nine times their bytes. */
const TOGETHER_CHARS_MAX = 262_144;

/**
 * The texts with `MASK` in the place of each needle. Many are searched together: to search 100,000 short texts one by
 * one takes as much time for each needle as all of them together take for a hundred.
 */
export function maskedTexts(
  texts: readonly string[],
  needles: readonly Buffer[],
): readonly string[] {
  return groupsOf(texts).flatMap((group) => maskedTogether(group, needles));
}

/** The texts in groups of `TOGETHER_CHARS_MAX` characters at most; a longer text is a group by itself. */
function groupsOf(texts: readonly string[]): readonly (readonly string[])[] {
  const groups: string[][] = [];
  let chars = Infinity;
  for (const text of texts) {
    chars += text.length;
    if (chars > TOGETHER_CHARS_MAX) {
      groups.push([]);
      chars = text.length;
    }
    groups.at(-1)?.push(text);
  }
  return groups;
}

function maskedTogether(texts: readonly string[], needles: readonly Buffer[]): readonly string[] {
  const { bytes, ends } = joined(texts);
  const ranges = rangesIn(bytes, needles);
  if (ranges.length === 0) return texts;
  let next = 0;
  return texts.map((text, at) => {
    const [begin, end] = [at === 0 ? 0 : (ends[at - 1] ?? 0) + 1, ends[at] ?? 0];
    const own: Range[] = [];
    for (let range = ranges[next]; range && range[0] < end; range = ranges[next]) {
      own.push([range[0] - begin, range[1] - begin]);
      next += 1;
    }
    return own.length === 0 ? text : without(bytes.subarray(begin, end), own);
  });
}

/** The texts in UTF-8, and where each ends. */
function joined(texts: readonly string[]): {
  readonly bytes: Buffer;
  readonly ends: Uint32Array;
} {
  const total = texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
  const bytes = Buffer.alloc(total, END);
  const ends = new Uint32Array(texts.length);
  let at = 0;
  for (const [index, text] of texts.entries()) {
    at += bytes.write(text, at);
    ends[index] = at;
    at += 1;
  }
  return { bytes, ends };
}

/** Where the needles are, in the order of their beginnings. None goes beyond the end of a text. */
function rangesIn(bytes: Buffer, needles: readonly Buffer[]): readonly Range[] {
  // The usual case: texts without escapes and without a secret.
  const isPlain = !SPECIAL.some((byte) => bytes.includes(byte));
  if (isPlain && !needles.some((needle) => bytes.includes(needle))) return [];
  const ranges: Range[] = [];
  let layer: DecodedText | undefined = undecoded(bytes);
  for (let layers = 0; layer !== undefined && layers <= LAYERS_MAX; layers += 1) {
    for (const needle of needles) addPlaces(ranges, needle, layer);
    layer = decodedOnce(layer);
  }
  return ranges.toSorted(([a], [b]) => a - b);
}

function addPlaces(ranges: Range[], needle: Buffer, { bytes, starts, ends }: DecodedText): void {
  let at = bytes.indexOf(needle);
  while (at !== -1) {
    const behind = at + needle.length;
    ranges.push([starts[at] ?? 0, ends[behind - 1] ?? 0]);
    at = bytes.indexOf(needle, behind);
  }
}

/** The text with the ranges replaced, which are in order. Overlapping ranges are merged. */
function without(bytes: Buffer, ranges: readonly Range[]): string {
  let text = '';
  let copied = 0;
  let [start, end]: Range = [-1, 0];
  for (const range of [...ranges, [bytes.length, bytes.length] as const]) {
    if (range[0] < end) {
      end = Math.max(end, range[1]);
      continue;
    }
    if (start !== -1) {
      text += bytes.toString('utf8', copied, start) + MASK;
      copied = end;
    }
    [start, end] = range;
  }
  return text + bytes.toString('utf8', copied);
}
