import { type PatternCompiler } from '../definition/pattern.js';

/**
 * The smallest language that a `PatternCompiler` can offer: plain text and `.*`, matched against
 * the whole text. Whatever has a parenthesis is invalid.
 */
export const fakePatterns: PatternCompiler = (source) => {
  if (source.includes('(')) return { kind: 'invalid', detail: 'parentheses are not supported' };
  const [head = '', ...tail] = source.split('.*');
  return {
    kind: 'ok',
    size: source.length + 1,
    matches: (text) => text.startsWith(head) && endsWith(text, head, tail),
  };
};

function endsWith(text: string, head: string, tail: readonly string[]): boolean {
  const last = tail.at(-1);
  if (last === undefined) return text === head;
  let at = head.length;
  for (const piece of tail.slice(0, -1)) {
    const found = text.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
