/**
 * A JSON number whose text a double would not preserve: `8202522731445525542`, `1e400`, `-0`, `1.0`, `1E2`. It keeps
 * its source text (RFC 8259, section 6) and is immutable. All other numbers are plain JavaScript numbers.
 */
export class ExactNumber {
  /** Makes the type nominal, so that other objects with a `text` are not assignable to it. */
  declare protected readonly brand: never;

  private constructor(readonly text: string) {}

  /** The number of a JSON text; `text` must be a number by the grammar of JSON. */
  static read(text: string): number | ExactNumber {
    const double = Number(text);
    return String(double) === text ? double : new ExactNumber(text);
  }

  toString(): string {
    return this.text;
  }

  /** For `JSON.stringify`, such as in logs: a string with the right digits instead of a number with wrong ones. */
  toJSON(): string {
    return this.text;
  }
}
