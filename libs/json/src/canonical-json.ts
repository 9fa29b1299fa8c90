import {
  isJsonArray,
  isJsonContainer,
  isJsonNumber,
  type JsonObject,
  type JsonValue,
} from './json-value.js';
import { canonicalNumber } from './same-number.js';

/** What is to be written next: a text as it is, or a value. */
type Piece = { readonly text: string } | { readonly value: JsonValue };

/**
 * A text that two values have in common exactly if `isSameJson` says that they are the same: members
 * sorted by name, numbers as decimals. It is for comparing and for digests; nobody reads it back.
 * Undefined where the exponent of a number has more than 1,000 digits. Walks with a list of its own,
 * so nesting can't exhaust the call stack.
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

/** With a comma after each child: the text is compared and not parsed. */
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
