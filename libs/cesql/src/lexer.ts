import { CesqlParseError } from './errors.js';

/**
 * A token of an expression. A `word` is a keyword, or the name of an attribute or function. The `text` of a string is
 * its value, and of any other token its source.
 */
export interface Token {
  readonly kind: 'word' | 'digits' | 'string' | 'symbol' | 'end';
  readonly text: string;
  /** Its position in the expression, in UTF-16 code units; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
}

const WORD = /\w+/y;
const SYMBOL = /<=|>=|<>|!=|[-+*/%(),=<>]/y;
const SPACE = /[ \t\r\n]*/y;
const DIGITS = /^\d+$/;

/**
 * The tokens of an expression, the last of them of the kind `end` (CESQL 2).
 * @throws CesqlParseError
 */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = endOf(SPACE, text, 0);
  while (at < text.length) {
    const token = tokenAt(text, at);
    tokens.push(token);
    at = endOf(SPACE, text, token.end);
  }
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length });
  return tokens;
}

function tokenAt(text: string, start: number): Token {
  const first = text.charAt(start);
  if (first === "'" || first === '"') return stringAt(text, start, first);
  const wordEnd = endOf(WORD, text, start);
  if (wordEnd > start) {
    const word = text.slice(start, wordEnd);
    return { kind: DIGITS.test(word) ? 'digits' : 'word', text: word, start, end: wordEnd };
  }
  const end = endOf(SYMBOL, text, start);
  if (end > start) return { kind: 'symbol', text: text.slice(start, end), start, end };
  const char = String.fromCodePoint(text.codePointAt(start) ?? 0);
  throw new CesqlParseError(`The character ${char} has no meaning outside of a string`, start);
}

/**
 * Reads a string literal (CESQL 2.2). `\` escapes the quote that delimits the string. Before any other character it is
 * literal, and that character does not end the string.
 */
function stringAt(text: string, start: number, quote: string): Token {
  let meaning = '';
  let from = start + 1;
  for (let at = from; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '\\') {
      if (text.charAt(at + 1) === quote) {
        meaning += text.slice(from, at);
        from = at + 1;
      }
      at += 1;
    } else if (char === quote) {
      const end = at + 1;
      if (text.charAt(end) === quote)
        throw new CesqlParseError(`A quote within a string is written \\${quote}`, end);
      return { kind: 'string', text: meaning + text.slice(from, at), start, end };
    }
  }
  throw new CesqlParseError(`The string that begins here has no closing ${quote}`, start);
}

function endOf(form: RegExp, text: string, at: number): number {
  form.lastIndex = at;
  return form.test(text) ? form.lastIndex : at;
}
