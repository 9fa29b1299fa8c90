/**
 * A JSON number that a double does not give back as it was written: `8202522731445525542`, `1e400`,
 * `-0`, `1.0`, `1E2`. It keeps its source text (RFC 8259, section 6) and never changes. All other
 * numbers are plain ones.
 */
export class ExactNumber {
  /** Keeps other objects with a `text` from being taken for one. */
  declare protected readonly brand: never;

  private constructor(readonly text: string) {}

  /** The number that a JSON text says; `text` is one of JSON's grammar. */
  static read(text: string): number | ExactNumber {
    const double = Number(text);
    return String(double) === text ? double : new ExactNumber(text);
  }

  toString(): string {
    return this.text;
  }

  /** For logs and whatever else knows no exact numbers: digits in a string are better than wrong ones. */
  toJSON(): string {
    return this.text;
  }
}
