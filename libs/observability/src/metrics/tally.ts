import { Counter, type Registry } from 'prom-client';

export interface TallyOptions {
  readonly name: string;
  readonly help: string;
  /** The name in the last release, under which the same values are exported until the next release. */
  readonly formerName?: string | undefined;
  /** The only label. Its values come from the code and are few. */
  readonly label?: string;
  /** Values that are reported as 0 before they occur, so that a first occurrence is a rise. */
  readonly values?: readonly string[];
}

/** The most values of a label. Further values are counted as `other`, so that a label can't grow without bound. */
const LABEL_VALUES_MAX = 100;

/**
 * A counter for hot paths. prom-client builds and hashes an object for each increment; a tally adds to a number and
 * passes the sums to prom-client at a scrape.
 */
export class Tally {
  readonly #counts = new Map<string, number>();

  constructor(registry: Registry, options: TallyOptions) {
    const { name, help, formerName, label, values = [''] } = options;
    for (const value of label === undefined ? [''] : values) {
      if (value !== '' || label === undefined) this.#counts.set(value, 0);
    }
    this.#declare(registry, name, help, label);
    if (formerName !== undefined) {
      this.#declare(registry, formerName, `Deprecated: the same as ${name}`, label);
    }
  }

  add(value = '', by = 1): void {
    const count = this.#counts.get(value);
    if (count !== undefined) {
      this.#counts.set(value, count + by);
    } else if (this.#counts.size < LABEL_VALUES_MAX) {
      this.#counts.set(value, by);
    } else {
      this.#counts.set('other', (this.#counts.get('other') ?? 0) + by);
    }
  }

  #declare(registry: Registry, name: string, help: string, label: string | undefined): void {
    const counts = this.#counts;
    new Counter({
      name,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [registry],
      collect(): void {
        this.reset();
        for (const [value, count] of counts) {
          this.inc(label === undefined ? {} : { [label]: value }, count);
        }
      },
    });
  }
}
