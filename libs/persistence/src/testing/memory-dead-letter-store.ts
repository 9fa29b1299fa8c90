import { DeadLetterStore, type DeadLetter } from '../dead-letters/dead-letter-store.js';
import { Outage } from './outage.js';

/** The contract of `DeadLetterStore` in memory. */
export class MemoryDeadLetterStore extends DeadLetterStore {
  readonly outage = new Outage();
  readonly #letters = new Map<string, DeadLetter>();

  override async add(letter: DeadLetter): Promise<void> {
    this.outage.check('add a dead letter');
    if (!this.#letters.has(letter.id)) this.#letters.set(letter.id, letter);
  }

  override async list(limit: number): Promise<readonly DeadLetter[]> {
    this.outage.check('list dead letters');
    return [...this.#letters.values()]
      .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
      .slice(0, limit);
  }
}
