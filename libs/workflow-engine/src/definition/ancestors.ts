import { sortTopologically, type Graph } from './graph.js';

const BITS = 32;

/**
 * The ancestors of every name in an acyclic graph, as a bit set for each name. One pass over the edges builds them,
 * and a lookup is O(1). In a graph with cycles, which is invalid anyway, every name is an ancestor of every other.
 */
export class Ancestors {
  readonly #indexOf = new Map<string, number>();
  readonly #before = new Map<string, Uint32Array>();
  readonly #isCyclic: boolean;

  constructor(upstreamOf: Graph) {
    const { order, cycles } = sortTopologically(upstreamOf);
    this.#isCyclic = cycles.length > 0;
    if (this.#isCyclic) return;
    for (const [at, name] of order.entries()) this.#indexOf.set(name, at);
    for (const name of order) this.#before.set(name, this.#union(upstreamOf.get(name) ?? []));
  }

  has(name: string, ancestor: string): boolean {
    if (this.#isCyclic) return true;
    const at = this.#indexOf.get(ancestor);
    const bits = this.#before.get(name);
    return at !== undefined && bits !== undefined && isSet(bits, at);
  }

  #union(upstream: readonly string[]): Uint32Array {
    const union = new Uint32Array(Math.ceil(this.#indexOf.size / BITS));
    for (const name of upstream) {
      const at = this.#indexOf.get(name);
      if (at === undefined) continue;
      const word = Math.floor(at / BITS);
      union[word] = (union[word] ?? 0) | (1 << (at % BITS));
      for (const [place, bits] of this.#before.get(name)?.entries() ?? []) {
        union[place] = (union[place] ?? 0) | bits;
      }
    }
    return union;
  }
}

function isSet(bits: Uint32Array, at: number): boolean {
  return ((bits[Math.floor(at / BITS)] ?? 0) & (1 << (at % BITS))) !== 0;
}
