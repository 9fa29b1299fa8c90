import { InFlightMap } from './in-flight-map.js';

/** A map of at most `entriesMax` entries. A new entry replaces the least recently used one. */
export class BoundedMap<Value> {
  readonly #entries = new InFlightMap<string, Value>();
  /** The most recently used key, which need not be moved to the end again. */
  #newest: string | undefined;

  constructor(private readonly entriesMax: number) {}

  get size(): number {
    return this.#entries.size;
  }

  /** Counts as a use. */
  get(key: string): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined && key !== this.#newest) this.set(key, value);
    return value;
  }

  /** A `Map` is in the order of insertion, so an entry in use is moved to the end. */
  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    this.#newest = key;
    if (this.#entries.size <= this.entriesMax) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
