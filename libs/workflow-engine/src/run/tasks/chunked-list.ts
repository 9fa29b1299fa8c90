/** Places of one chunk, as bits: a change copies so many. */
const CHUNK_BITS = 5;
const CHUNK_MASK = (1 << CHUNK_BITS) - 1;

/** In which chunk a place is. */
export function chunkOf(at: number): number {
  return at >>> CHUNK_BITS;
}

/** The first place of a chunk. */
export function firstOf(chunk: number): number {
  return chunk << CHUNK_BITS;
}

/**
 * A list that shares with its copies what is the same in both. A copy costs nothing, and a change of it one chunk
 * and the list of chunks, once for all changes in that chunk. What one of them changes, no other sees.
 */
export class ChunkedList<T> {
  #chunks: (readonly T[])[];
  /** The chunks that nobody else has; undefined while the list of them is shared, too. */
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

  /** Never to be changed: one that is the same object in two lists has the same items in both. */
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
