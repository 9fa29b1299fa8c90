import { InFlightMap } from './in-flight-map.js';

/** A set, in the order of insertion, for values that come and go at the rate of events (`InFlightMap` says why). */
export class InFlightSet<Value> {
  readonly #values = new InFlightMap<Value, true>();

  get size(): number {
    return this.#values.size;
  }

  has(value: Value): boolean {
    return this.#values.has(value);
  }

  add(value: Value): void {
    this.#values.set(value, true);
  }

  /** @returns whether the value was there */
  delete(value: Value): boolean {
    return this.#values.delete(value);
  }

  [Symbol.iterator](): MapIterator<Value> {
    return this.#values.keys();
  }
}
