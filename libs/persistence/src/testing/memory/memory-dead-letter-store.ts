import {
  DeadLetterStore,
  type DeadLetter,
  type DeadLetterBounds,
  type DeadLetterTotals,
} from '../../dead-letters/dead-letter-store.js';
import { Outage } from './outage.js';

/** The contract of `DeadLetterStore` in memory. */
export class MemoryDeadLetterStore extends DeadLetterStore {
  readonly outage = new Outage();
  readonly #letters = new Map<string, DeadLetter>();

  override async add(letter: DeadLetter): Promise<void> {
    this.outage.check('add a dead letter');
    if (!this.#letters.has(letter.id)) this.#letters.set(letter.id, letter);
  }

  override async totals(): Promise<DeadLetterTotals> {
    this.outage.check('measure the dead letters');
    const all = [...this.#letters.values()];
    return { letters: all.length, bytes: all.reduce((sum, one) => sum + bytesOf(one), 0) };
  }

  override async trim(bounds: DeadLetterBounds): Promise<number> {
    const before = this.#letters.size;
    const oldest = [...this.#letters.values()]
      .filter(({ dispensable }) => dispensable)
      .sort((a, b) => a.at - b.at);
    for (const { id } of oldest) {
      const { letters, bytes } = await this.totals();
      if (letters <= bounds.lettersMax && bytes <= bounds.bytesMax) break;
      this.#letters.delete(id);
    }
    return before - this.#letters.size;
  }

  override async list(limit: number): Promise<readonly DeadLetter[]> {
    this.outage.check('list dead letters');
    return [...this.#letters.values()]
      .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
      .slice(0, limit);
  }
}

function bytesOf({ payload, headers }: DeadLetter): number {
  return payload.length + JSON.stringify(headers).length;
}
