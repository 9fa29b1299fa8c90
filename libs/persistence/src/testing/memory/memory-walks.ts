import { type DueClaim } from '../../activities/activity-store.js';
import { type Row } from './memory-rows.js';
import { isWanted, lacksAny } from './memory-states.js';

/** What claims find among the rows: those of one walk (`DueClaim.walk`) find each row once. */
export class MemoryWalks {
  /** The ids of what each walk has found or left to others. */
  readonly #found = new WeakMap<AbortSignal, Set<string>>();

  /** The most overdue first, and of the same time the first accepted. */
  due(rows: Iterable<Row>, claim: DueClaim): readonly Row[] {
    const { walk, features = [], skip = 0 } = claim;
    const found = walk && this.#found.get(walk);
    const due = [...rows]
      .filter((row) => row.wakeAt !== undefined && isWanted(row, row.wakeAt, claim))
      .filter((row) => found?.has(row.id) !== true && !lacksAny(row, features))
      .sort((a, b) => (a.wakeAt ?? 0) - (b.wakeAt ?? 0) || a.createdAt - b.createdAt);
    if (found) return due;
    const left = due.length > skip ? due.slice(0, skip) : [];
    if (walk) this.#found.set(walk, new Set(left.map(({ id }) => id)));
    return due.slice(left.length);
  }

  note({ walk }: DueClaim, { id }: Row): void {
    if (walk) this.#found.get(walk)?.add(id);
  }
}
