/** The number of bits of a position within a chunk: a chunk has 32 items, and a change copies one chunk. */
const CHUNK_BITS = 5;
const CHUNK_MASK = (1 << CHUNK_BITS) - 1;

/** The chunk of a position. */
export function chunkOf(at: number): number {
  return at >>> CHUNK_BITS;
}

/** The first position of a chunk. */
export function firstOf(chunk: number): number {
  return chunk << CHUNK_BITS;
}

/**
 * A copy-on-write list: copies share the chunks in which they are equal. A copy is O(1). The first change in a
 * chunk copies that chunk, and the first change of a copy its list of chunks. A change is visible in no other copy.
 */
export class ChunkedList<T> {
  #chunks: (readonly T[])[];
  /** The chunks that no copy shares; undefined while the list of chunks is shared, too. */
  #own: (T[] | undefined)[] | undefined;

  private constructor(chunks: (readonly T[])[]) {
    this.#chunks = chunks;
  }

  static of<T>(items: T[]): ChunkedList<T> {
    if (items.length <= 1 << CHUNK_BITS) return new ChunkedList<T>([items]);
    const chunks: T[][] = [];
    for (let at = 0; at < items.length; at += 1 << CHUNK_BITS) {
      chunks.push(items.slice(at, at + (1 << CHUNK_BITS)));
    }
    return new ChunkedList<T>(chunks);
  }

  /** Read-only. A chunk that is the same object in two lists has the same items in both. */
  get chunks(): readonly (readonly T[])[] {
    return this.#chunks;
  }

  copy(): ChunkedList<T> {
    this.#own = undefined;
    return new ChunkedList(this.#chunks);
  }

  get(at: number): T | undefined {
    return this.#chunks[at >>> CHUNK_BITS]?.[at & CHUNK_MASK];
  }

  set(at: number, item: T): void {
    const chunk = at >>> CHUNK_BITS;
    if (this.#own === undefined) {
      this.#own = [];
      this.#chunks = this.#chunks.slice();
    }
    let own = this.#own[chunk];
    if (own === undefined) {
      own = (this.#chunks[chunk] ?? []).slice();
      this.#own[chunk] = own;
      this.#chunks[chunk] = own;
    }
    own[at & CHUNK_MASK] = item;
  }
}
