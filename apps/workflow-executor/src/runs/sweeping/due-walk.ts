import { type DueClaim } from '@app/persistence';

/** What becomes due for longer than what a walk has come to is found by the next walk: after this, in milliseconds. */
const WALK_MS_MAX = 1_000;
/** The parts of a round. */
const PARTS = 4;
/** Of what is taken at the same time, how many times as much a part is. */
const PART_TIMES = 4;
/** Nobody asks for the reason. Without one, each walk that ends would cost an error with a stack. */
const ENDED = 'the walk has ended';

/**
 * Where a sweeper looks next. Its looks are one walk (`DueClaim.walk`) until that is old, has found all, or another
 * sweeper took some first. Then the sweepers walk from different parts of what is due, so that they do not compete for
 * the same activities. Skipped ones are still read in the index, so a sweeper without competition skips none.
 */
export class DueWalk {
  #walk: AbortController | undefined;
  #endsAt = 0;
  /** The parts to begin at next, from the end; empty while no other sweeper takes some first. */
  #parts: number[] = [];

  constructor(
    private readonly clock: () => number,
    private readonly claimsMax: number,
  ) {}

  /** Whether the next look begins a walk. It would find again what has not been committed yet. */
  get isOver(): boolean {
    return this.#walk === undefined || this.clock() >= this.#endsAt;
  }

  /** @param isBehind whether more was due than the last look took */
  next(isBehind: boolean): Pick<DueClaim, 'skip' | 'walk'> {
    if (!isBehind) this.#parts = [];
    if (!this.isOver && this.#walk) return { walk: this.#walk.signal };
    this.end();
    this.#walk = new AbortController();
    this.#endsAt = this.clock() + WALK_MS_MAX;
    const skip = (this.#parts.pop() ?? 0) * PART_TIMES * this.claimsMax;
    return { skip, walk: this.#walk.signal };
  }

  end(): void {
    this.#walk?.abort(ENDED);
    this.#walk = undefined;
  }

  /** Begins a round: each part once, in random order. After a round the oldest are looked at again. */
  noteOthers(): void {
    this.end();
    if (this.#parts.length === 0) this.#parts = shuffled(PARTS);
  }
}

function shuffled(count: number): number[] {
  const numbers = Array.from({ length: count }, (_, number) => ({ number, at: Math.random() }));
  return numbers.sort((a, b) => a.at - b.at).map(({ number }) => number);
}
