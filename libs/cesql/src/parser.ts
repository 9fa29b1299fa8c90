import { type CesqlLimits } from './cesql-limits.js';
import { INTEGER_MAX, INTEGER_MIN } from './cesql-value.js';
import { CesqlParseError } from './errors.js';
import { type Token, tokensOf } from './lexer.js';
import { type BinaryOperator, type SyntaxNode } from './syntax.js';

/** Binary operators by precedence, the lowest first; operators of one row have the same (CESQL 3.6). */
const PRECEDENCE: readonly (readonly BinaryOperator[])[] = [
  ['AND', 'OR', 'XOR'],
  ['=', '!=', '<>', '>=', '<=', '<', '>'],
  ['+', '-'],
  ['*', '/', '%'],
];

const KEYWORDS: ReadonlySet<string> = new Set([
  'AND',
  'OR',
  'XOR',
  'NOT',
  'LIKE',
  'EXISTS',
  'IN',
  'TRUE',
  'FALSE',
]);

const FUNCTION_NAME = /^[A-Za-z][A-Za-z_]*$/;

/**
 * Parses an expression to its syntax tree (CESQL 2), in time linear in the text. The recursion is as deep as the
 * expression is nested, which `limits.depthMax` bounds.
 * @throws CesqlParseError
 */
export function parseSyntax(text: string, limits: CesqlLimits): SyntaxNode {
  if (text.length > limits.charsMax)
    throw new CesqlParseError(
      `The expression is longer than ${limits.charsMax} characters`,
      limits.charsMax,
    );
  return new Parser(tokensOf(text), limits.depthMax).whole();
}

class Parser {
  #at = 0;
  #depth = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly depthMax: number,
  ) {}

  whole(): SyntaxNode {
    const node = this.#expression();
    const rest = this.#next;
    if (rest.kind !== 'end') throw unexpected(rest, 'an operator or the end of the expression');
    return node;
  }

  get #next(): Token {
    // The last token ends the list, and the parser never reads beyond it.
    return this.tokens[this.#at] as Token;
  }

  #expression(): SyntaxNode {
    return this.#nested(() => this.#chain(0));
  }

  /** Parses binary operators of this row of `PRECEDENCE` and of the rows below it. */
  #chain(row: number): SyntaxNode {
    const operators = PRECEDENCE[row];
    if (!operators) return this.#postfix();
    const first = this.#chain(row + 1);
    const rest = [];
    for (let end = first.end; ;) {
      const operator = operators.find((known) => this.#isNext(known));
      if (operator === undefined)
        return rest.length === 0 ? first : { kind: 'chain', first, rest, start: first.start, end };
      const offset = this.#take().start;
      const operand = this.#chain(row + 1);
      rest.push({ operator, operand, offset });
      end = operand.end;
    }
  }

  /** Parses `LIKE` and `IN`, which bind more tightly than all binary operators and less tightly than `NOT` and `-`. */
  #postfix(): SyntaxNode {
    let operand = this.#unary();
    for (let count = 0; ; count += 1) {
      if (count > this.depthMax) throw this.#tooDeep();
      const negated = this.#takeIf('NOT');
      if (this.#takeIf('LIKE')) operand = this.#like(operand, negated);
      else if (this.#takeIf('IN')) operand = this.#in(operand, negated);
      else if (negated) throw unexpected(this.#next, 'LIKE or IN after NOT');
      else return operand;
    }
  }

  #like(operand: SyntaxNode, negated: boolean): SyntaxNode {
    const { kind, text: pattern, end } = this.#next;
    if (kind !== 'string') throw unexpected(this.#next, 'a string (the pattern of LIKE)');
    this.#take();
    return { kind: 'like', operand, negated, pattern, start: operand.start, end };
  }

  #in(operand: SyntaxNode, negated: boolean): SyntaxNode {
    this.#require('(');
    const elements = this.#list();
    const { end } = this.#require(')');
    return { kind: 'in', operand, negated, elements, start: operand.start, end };
  }

  #unary(): SyntaxNode {
    const { start } = this.#next;
    if (this.#isNext('-') || this.#isNext('+')) {
      const literal = this.#signedLiteral();
      if (literal) return literal;
    }
    const kind = this.#takeIf('NOT') ? 'not' : this.#takeIf('-') ? 'minus' : undefined;
    if (!kind) return this.#primary();
    const operand = this.#nested(() => this.#unary());
    return { kind, operand, start, end: operand.end };
  }

  /** Parses a number with a sign directly before it (CESQL 2.2). */
  #signedLiteral(): SyntaxNode | undefined {
    const sign = this.#next;
    const number = this.tokens[this.#at + 1];
    if (number?.kind !== 'digits' || number.start !== sign.end) return undefined;
    this.#at += 2;
    return integer(sign.text + number.text, sign.start, number.end);
  }

  #primary(): SyntaxNode {
    const token = this.#next;
    const { kind, text, start, end } = token;
    if (this.#takeIf('(')) {
      const inner = this.#expression();
      return { ...inner, start, end: this.#require(')').end };
    }
    if (this.#takeIf('EXISTS')) {
      const name = this.#next;
      return { ...this.#attribute(), kind: 'exists', start, end: name.end };
    }
    if (this.#takeIf('TRUE')) return { kind: 'literal', value: true, start, end };
    if (this.#takeIf('FALSE')) return { kind: 'literal', value: false, start, end };
    if (kind === 'string') return { kind: 'literal', value: this.#take().text, start, end };
    if (kind === 'digits') return integer(this.#take().text, start, end);
    const after = this.tokens[this.#at + 1];
    if (kind === 'word' && after?.text === '(' && after.kind === 'symbol' && !isKeyword(text))
      return this.#call();
    return this.#attribute();
  }

  /** Parses the name of an attribute, which is case-insensitive and in lower case in events (CESQL 2.2). */
  #attribute(): { kind: 'attribute'; name: string; start: number; end: number } {
    const { kind, text, start, end } = this.#next;
    const isName = (kind === 'word' && !isKeyword(text)) || kind === 'digits';
    if (!isName) throw unexpected(this.#next, 'a value');
    if (text.includes('_'))
      throw new CesqlParseError(
        `${text} is not the name of an attribute: names have letters and digits only`,
        start + text.indexOf('_'),
      );
    this.#take();
    return { kind: 'attribute', name: text.toLowerCase(), start, end };
  }

  #call(): SyntaxNode {
    const { text, start } = this.#take();
    if (!FUNCTION_NAME.test(text))
      throw new CesqlParseError(
        `${text} is not the name of a function: names have letters and _ only`,
        start,
      );
    this.#require('(');
    const args = this.#isNext(')') ? [] : this.#list();
    const { end } = this.#require(')');
    return { kind: 'call', name: text.toUpperCase(), args, start, end };
  }

  #list(): readonly SyntaxNode[] {
    const nodes = [this.#expression()];
    while (this.#takeIf(',')) nodes.push(this.#expression());
    return nodes;
  }

  #nested<T>(parse: () => T): T {
    this.#depth += 1;
    if (this.#depth > this.depthMax) throw this.#tooDeep();
    const parsed = parse();
    this.#depth -= 1;
    return parsed;
  }

  #tooDeep(): CesqlParseError {
    return new CesqlParseError(
      `The expression is nested deeper than ${this.depthMax} levels`,
      this.#next.start,
    );
  }

  /** Whether the next token is a symbol, or a keyword in any case (CESQL 2). */
  #isNext(text: string): boolean {
    const { kind, text: written } = this.#next;
    if (kind === 'symbol') return written === text;
    return kind === 'word' && written.length === text.length && written.toUpperCase() === text;
  }

  #takeIf(text: string): boolean {
    if (!this.#isNext(text)) return false;
    this.#at += 1;
    return true;
  }

  #require(text: string): Token {
    if (!this.#isNext(text)) throw unexpected(this.#next, text);
    return this.#take();
  }

  #take(): Token {
    const token = this.#next;
    this.#at += 1;
    return token;
  }
}

function integer(text: string, start: number, end: number): SyntaxNode {
  const value = Number(text);
  if (value < INTEGER_MIN || value > INTEGER_MAX)
    throw new CesqlParseError(`${clipped(text)} is no integer of 32 bits`, start);
  // Adding 0 turns JavaScript's -0 into 0.
  return { kind: 'literal', value: value + 0, start, end };
}

function isKeyword(text: string): boolean {
  return KEYWORDS.has(text.toUpperCase());
}

function unexpected({ kind, text, start }: Token, wanted: string): CesqlParseError {
  const found = kind === 'end' ? 'the end of the expression' : quoted(kind, text);
  return new CesqlParseError(`Expected ${wanted}, but found ${found}`, start);
}

function quoted(kind: Token['kind'], text: string): string {
  return kind === 'string' ? `the string '${clipped(text)}'` : clipped(text);
}

function clipped(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}
