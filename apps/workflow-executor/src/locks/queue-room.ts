import { BoundedMap } from '@app/collections';

/** The largest number of keys whose count is kept. */
const KEYS_MAX = 10_000;
/** How long a count is used, in milliseconds. */
const COUNT_MS = 1_000;
/** One executor uses at most this fraction (1/16) of the free places per count, because others count as well. */
const SHARE = 16;

interface Room {
  readonly countedAt: number;
  readonly left: number;
}

/**
 * Remembers how much room queues had at their last count, so that not every run has to count: a count for each run
 * would read a queue of 10,000 runs 10,000 times. A queue has to be counted again when it is almost full, or when its
 * count is older than a second.
 */
export class QueueRoom {
  readonly #rooms = new BoundedMap<Room>(KEYS_MAX);

  constructor(private readonly queueMax: number) {}

  /**
   * Takes one of the places that were free at the last count.
   * @returns false when there is none, or no recent count: the caller has to count
   */
  take(lock: string, now: number): boolean {
    const room = this.#rooms.get(lock);
    if (room === undefined || room.left < 1 || now - room.countedAt >= COUNT_MS) return false;
    this.#rooms.set(lock, { ...room, left: room.left - 1 });
    return true;
  }

  /** @param waiting the number of waiting runs before this one */
  counted(lock: string, waiting: number, now: number): void {
    const left = Math.floor((this.queueMax - waiting) / SHARE);
    this.#rooms.set(lock, { countedAt: now, left });
  }
}
