/** The removals after which the table is replaced, unless it has more entries than that. */
const REMOVALS_MAX = 256;

/**
 * A map, in the order of insertion, for entries that come and go at the rate of events.
 *
 * A `Map` is not fit for them. V8 moves the entries of a full table to a new one, and the former table keeps a link to
 * it. Once one table has become old, the garbage collector of young objects takes all tables after it for alive, with
 * all that their entries hold, and copies them until it collects the old objects, too: with 64 small entries in flight,
 * pauses are a hundred times as long. So a new `Map` takes the entries from time to time, to which nothing links. It
 * costs at most one copy of an entry for each removal.
 *
 * An iteration sees removals; additions during an iteration may not be seen.
 */
export class InFlightMap<Key, Value> {
  #entries = new Map<Key, Value>();
  #removals = 0;

  get size(): number {
    return this.#entries.size;
  }

  has(key: Key): boolean {
    return this.#entries.has(key);
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  set(key: Key, value: Value): void {
    if (this.#removals > REMOVALS_MAX && this.#removals > this.#entries.size) {
      this.#entries = new Map(this.#entries);
      this.#removals = 0;
    }
    this.#entries.set(key, value);
  }

  /** @returns whether there was an entry */
  delete(key: Key): boolean {
    const was = this.#entries.delete(key);
    if (was) this.#removals += 1;
    return was;
  }

  keys(): MapIterator<Key> {
    return this.#entries.keys();
  }

  values(): MapIterator<Value> {
    return this.#entries.values();
  }

  [Symbol.iterator](): MapIterator<[Key, Value]> {
    return this.#entries[Symbol.iterator]();
  }
}
