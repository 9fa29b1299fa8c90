const PERCENT = 0x25;
const UNDERSCORE = 0x5f;
const BACKSLASH = 0x5c;

/** The number of characters of a segment that one word of the bit set represents. */
const WORD_BITS = 31;

/** A character, or `undefined` for any one (`_`). */
type Place = number | undefined;

/** A compiled pattern of LIKE. */
export interface LikePattern {
  matches(text: string): boolean;
  /** The most characters that a match of a text of this length reads. */
  cost(textLength: number): number;
}

/**
 * Compiles a pattern of LIKE (CESQL 3.4.3): `%` is any number of characters, `_` is one, and `\` escapes both. A
 * character is a Unicode code point.
 *
 * Between two `%` the first match of a segment is taken, so there is no backtracking; it is found by a bit set with
 * one bit for each character of the segment (Shift-And; Baeza-Yates and Gonnet, 1992). The work is the text's length
 * times one word for each 31 characters of the longest segment, whatever text and pattern are.
 */
export function likePattern(pattern: string): LikePattern {
  const segments = segmentsOf(pattern);
  const [prefix = [], ...others] = segments;
  const suffix = others.pop();
  const searches = others.filter(({ length }) => length > 0).map(searchFor);
  const words = Math.max(1, ...searches.map((search) => search.words));
  const cost = (textLength: number): number => textLength * words + pattern.length;
  return { cost, matches: (text) => isLike(codePoints(text), prefix, searches, suffix) };
}

function isLike(
  text: readonly number[],
  prefix: readonly Place[],
  searches: readonly Search[],
  suffix: readonly Place[] | undefined,
): boolean {
  if (!fitsAt(prefix, text, 0)) return false;
  if (!suffix) return prefix.length === text.length;
  const end = text.length - suffix.length;
  let at = prefix.length;
  for (const search of searches) {
    const found = search.endOfFirst(text, at, end);
    if (found === undefined) return false;
    at = found;
  }
  return at <= end && fitsAt(suffix, text, end);
}

function fitsAt(segment: readonly Place[], text: readonly number[], at: number): boolean {
  if (at < 0 || at + segment.length > text.length) return false;
  return segment.every((place, index) => place === undefined || place === text[at + index]);
}

interface Search {
  readonly words: number;
  /** Where the first match in `[from, to)` ends. */
  endOfFirst(text: readonly number[], from: number, to: number): number | undefined;
}

function searchFor(segment: readonly Place[]): Search {
  const words = Math.ceil(segment.length / WORD_BITS);
  const anyPlace = masksOf(segment, words, (place) => place === undefined);
  const masks = new Map<number, Int32Array>();
  for (const char of segment)
    if (char !== undefined && !masks.has(char))
      masks.set(
        char,
        masksOf(segment, words, (place) => place === undefined || place === char),
      );
  const lastWord = words - 1;
  const lastBit = 1 << ((segment.length - 1) % WORD_BITS);
  return {
    words,
    endOfFirst: (text, from, to) => {
      // Bit n: the text up to here ends with the first n + 1 characters of the segment.
      const state = new Int32Array(words);
      for (let at = from; at < to; at += 1) {
        const mask = masks.get(text[at] ?? 0) ?? anyPlace;
        let carry = 1;
        for (let word = 0; word < words; word += 1) {
          const before = state[word] ?? 0;
          state[word] = ((before << 1) | carry) & (mask[word] ?? 0);
          carry = (before >>> (WORD_BITS - 1)) & 1;
        }
        if (((state[lastWord] ?? 0) & lastBit) !== 0) return at + 1;
      }
      return undefined;
    },
  };
}

function masksOf(
  segment: readonly Place[],
  words: number,
  fits: (place: Place) => boolean,
): Int32Array {
  const masks = new Int32Array(words);
  segment.forEach((place, index) => {
    const word = Math.floor(index / WORD_BITS);
    if (fits(place)) masks[word] = (masks[word] ?? 0) | (1 << (index % WORD_BITS));
  });
  return masks;
}

/** The parts of a pattern between its `%`; one segment if it has none. */
function segmentsOf(pattern: string): readonly (readonly Place[])[] {
  const segments: Place[][] = [[]];
  const chars = codePoints(pattern);
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at];
    const next = chars[at + 1];
    if (char === PERCENT) segments.push([]);
    else if (char === UNDERSCORE) segments.at(-1)?.push(undefined);
    else if (char === BACKSLASH && (next === PERCENT || next === UNDERSCORE)) {
      segments.at(-1)?.push(next);
      at += 1;
    } else segments.at(-1)?.push(char);
  }
  return segments;
}

function codePoints(text: string): readonly number[] {
  const points: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const point = text.codePointAt(at) ?? 0;
    points.push(point);
    if (point > 0xffff) at += 1;
  }
  return points;
}
