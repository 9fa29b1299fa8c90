import { ExactNumber } from './exact-number.js';
import { type JsonValue } from './json-value.js';
import { jsonObjectOf } from './member-order.js';
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  isDigit,
  MINUS,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  scalarEnd,
  skipSpace,
  stringEnd,
} from './scan.js';

/** An array or object whose end the parser has not reached. */
interface Open {
  readonly values: JsonValue[];
  /** The name of each value, if it is an object. */
  readonly names: string[] | undefined;
}

/**
 * Parses a text that `JSON.parse` has accepted; nothing is checked again. Numbers that a double would not preserve
 * become `ExactNumber`s, and members keep their order. Not recursive.
 */
export function parseExactly(text: string): JsonValue {
  return new ExactParser(text).parse();
}

class ExactParser {
  #at = 0;

  constructor(private readonly text: string) {}

  parse(): JsonValue {
    const open: Open[] = [];
    for (;;) {
      let value = this.#begin(open);
      while (value !== undefined) {
        const parent = open.at(-1);
        if (parent === undefined) return value;
        parent.values.push(value);
        value = this.#goOn(parent, open);
      }
    }
  }

  /** The value that begins here; undefined for a container that is not empty, which is opened. */
  #begin(open: Open[]): JsonValue | undefined {
    const code = this.#next();
    if (code !== OPEN_BRACE && code !== OPEN_BRACKET) return this.#scalar(code);
    this.#at += 1;
    const container: Open = { values: [], names: code === OPEN_BRACE ? [] : undefined };
    if (isClose(this.#next())) return this.#close(container);
    if (container.names) container.names.push(this.#name());
    open.push(container);
    return undefined;
  }

  /** Adds a value to its container. @returns the container if this was its last value, else undefined */
  #goOn(container: Open, open: Open[]): JsonValue | undefined {
    if (this.#next() !== COMMA) {
      open.pop();
      return this.#close(container);
    }
    this.#at += 1;
    if (container.names) container.names.push(this.#name());
    return undefined;
  }

  #close({ values, names }: Open): JsonValue {
    this.#at += 1;
    return names ? jsonObjectOf(names.map((name, at) => [name, values[at] ?? null])) : values;
  }

  #scalar(code: number): JsonValue {
    if (code === QUOTE) return this.#string();
    const start = this.#at;
    this.#at = scalarEnd(this.text, start);
    const scalar = this.text.slice(start, this.#at);
    if (isDigit(code) || code === MINUS) return ExactNumber.read(scalar);
    return scalar === 'null' ? null : scalar === 'true';
  }

  #name(): string {
    this.#next();
    const name = this.#string();
    this.#next();
    // The colon.
    this.#at += 1;
    return name;
  }

  #string(): string {
    const start = this.#at;
    this.#at = stringEnd(this.text, start);
    const inner = this.text.slice(start + 1, this.#at - 1);
    return inner.includes('\\') ? (JSON.parse(`"${inner}"`) as string) : inner;
  }

  /** Skips white space. @returns the code of the next character */
  #next(): number {
    this.#at = skipSpace(this.text, this.#at);
    return this.text.charCodeAt(this.#at);
  }
}

function isClose(code: number): boolean {
  return code === CLOSE_BRACE || code === CLOSE_BRACKET;
}
