import { doubleOf, isJsonObject, isJsonValue, type JsonValue } from '@app/json';
import { NAME_CHARS_MAX } from '../bounds.js';
import { charsOf } from '../json.js';
import { type ProblemList } from './problem-list.js';

export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/**
 * Reads the members of one untrusted object. Each method reports an invalid member and then returns
 * the same as for an absent one, so one bad value hides no other problem.
 */
export class Members {
  readonly #isObject: boolean;
  readonly #members: ReadonlyMap<string, unknown>;

  constructor(
    value: unknown,
    private readonly path: string,
    known: readonly string[],
    private readonly problems: ProblemList,
  ) {
    this.#isObject = isObject(value);
    if (!this.#isObject) problems.add(path, 'must be an object');
    this.#members = new Map(isObject(value) ? Object.entries(value) : []);
    for (const name of this.#members.keys()) {
      if (known.includes(name)) continue;
      problems.addUnknownMember(this.#at(name), name, known);
    }
  }

  /** Reports required members that are missing; nothing if the value is no object, which is reported already. */
  require(...names: readonly string[]): void {
    for (const name of this.#isObject ? names : []) {
      if (!this.#members.has(name)) this.problems.add(this.#at(name), 'is missing');
    }
  }

  value(name: string): unknown {
    return this.#members.get(name);
  }

  /** A name; `''` if it is no string. An invalid name is reported and returned, for checks between names. */
  name(name: string, problemOf: (text: string) => string | undefined): string {
    const text = this.text(name, NAME_CHARS_MAX);
    const problem = text === undefined ? undefined : problemOf(text);
    if (problem !== undefined) this.reject(name, problem);
    return text ?? '';
  }

  text(name: string, charsMax: number): string | undefined {
    const value = this.value(name);
    if (typeof value === 'string' && value.length <= charsMax) return value;
    this.reject(name, `must be a string of at most ${charsMax} characters`);
    return undefined;
  }

  flag(name: string): boolean | undefined {
    const value = this.value(name);
    if (typeof value === 'boolean') return value;
    this.reject(name, 'must be true or false');
    return undefined;
  }

  number(name: string, { min, max }: NumberRange): number | undefined {
    const value = doubleOf(this.value(name));
    if (value !== undefined && value >= min && value <= max) return value;
    this.reject(name, `must be a number from ${min} to ${max}`);
    return undefined;
  }

  integer(name: string, range: NumberRange): number | undefined {
    const value = this.number(name, range);
    if (value === undefined || Number.isInteger(value)) return value;
    this.reject(name, 'must be a whole number');
    return undefined;
  }

  oneOf<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const word = words.find((candidate) => candidate === this.value(name));
    if (word === undefined) {
      this.rejectUnknown(name, `must be one of ${words.join(', ')}`, this.value(name), words);
    }
    return word;
  }

  list(name: string, countMax: number): readonly unknown[] {
    const value = this.value(name);
    if (Array.isArray(value) && value.length <= countMax) return value;
    const found = Array.isArray(value) ? `, not ${value.length}` : '';
    this.reject(name, `must be an array of at most ${countMax} entries${found}`);
    return [];
  }

  json(name: string, charsMax: number): JsonValue | undefined {
    const value = this.value(name);
    if (isJsonValue(value) && charsOf(value, charsMax) <= charsMax) return value;
    this.reject(name, `must be a JSON value of at most ${charsMax} characters`);
    return undefined;
  }

  /** Reports a problem of a member, unless it is absent: `require` reports that. */
  reject(name: string, detail: string): void {
    if (this.#members.has(name)) this.problems.add(this.#at(name), detail);
  }

  /** Reports a value that is none of these words, with the word that is nearest to it if the value is a text. */
  rejectUnknown(name: string, detail: string, written: unknown, words: readonly string[]): void {
    if (!this.#members.has(name)) return;
    const text = typeof written === 'string' ? written : '';
    this.problems.addUnknown(this.#at(name), detail, text, words);
  }

  #at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && isJsonObject(value as JsonValue);
}
