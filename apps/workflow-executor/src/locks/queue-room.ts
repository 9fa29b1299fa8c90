import { BoundedMap } from '@app/persistence';

/** The number of keys whose count is kept; every other key is counted. */
const KEYS_MAX = 10_000;
/** How long a count is used, in milliseconds. */
const COUNT_MS = 1_000;
/** The part of the free places that one executor grants on one count: others may grant theirs. */
const SHARE = 16;

interface Room {
  readonly countedAt: number;
  readonly left: number;
}

/**
 * Which queues had room at their last count, so that not every run counts them: filling a queue of 10,000 with a
 * count for each run would read it 10,000 times. A queue that is almost full, or was not counted within a second, is
 * counted.
 */
export class QueueRoom {
  readonly #rooms = new BoundedMap<Room>(KEYS_MAX);

  constructor(private readonly queueMax: number) {}

  /** Takes one of the places that were free at the last count; false when none was. */
  take(lock: string, now: number): boolean {
    const room = this.#rooms.get(lock);
    if (room === undefined || room.left < 1 || now - room.countedAt >= COUNT_MS) return false;
    this.#rooms.set(lock, { ...room, left: room.left - 1 });
    return true;
  }

  counted(lock: string, waiting: number, now: number): void {
    const left = Math.floor((this.queueMax - waiting) / SHARE);
    this.#rooms.set(lock, { countedAt: now, left });
  }
}
