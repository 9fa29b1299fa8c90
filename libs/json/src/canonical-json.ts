import {
  isJsonArray,
  isJsonContainer,
  isJsonNumber,
  type JsonObject,
  type JsonValue,
} from './json-value.js';
import { canonicalNumber } from './number-order.js';

/** The next thing to write: a literal text, or a value. */
type Piece = { readonly text: string } | { readonly value: JsonValue };

/**
 * A canonical text: two values have the same one exactly if `isSameJson` holds for them. Members are sorted by name,
 * numbers are decimals. The text is for comparisons and digests, and is not valid JSON. Undefined if the exponent of a
 * number has more than 1,000 digits. Not recursive, so nesting can't exhaust the call stack.
 */
export function canonicalJson(value: JsonValue): string | undefined {
  const written: string[] = [];
  const pieces: Piece[] = [{ value }];
  for (let piece = pieces.pop(); piece; piece = pieces.pop()) {
    if ('text' in piece) written.push(piece.text);
    else if (isJsonContainer(piece.value)) {
      for (const child of piecesOf(piece.value).reverse()) pieces.push(child);
    } else {
      const text = scalarText(piece.value);
      if (text === undefined) return undefined;
      written.push(text);
    }
  }
  return written.join('');
}

function scalarText(value: JsonValue): string | undefined {
  return isJsonNumber(value) ? canonicalNumber(value) : JSON.stringify(value);
}

/** A comma follows each child, the last one too, because the text is never parsed. */
function piecesOf(container: readonly JsonValue[] | JsonObject): Piece[] {
  const comma = { text: ',' };
  if (isJsonArray(container)) {
    const elements = container.flatMap((value) => [{ value }, comma]);
    return [{ text: '[' }, ...elements, { text: ']' }];
  }
  const members = Object.entries(container)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => [{ text: `${JSON.stringify(name)}:` }, { value }, comma]);
  return [{ text: '{' }, ...members, { text: '}' }];
}
