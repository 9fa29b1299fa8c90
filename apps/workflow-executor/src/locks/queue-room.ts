import { BoundedMap } from '@app/persistence';

/** Keys that are known at once; of others it is not known that they have room. */
const KEYS_MAX = 10_000;
/** For so long a count is believed, in milliseconds. */
const COUNT_MS = 1_000;
/** The part of the free places that one executor gives away on a count: others may give away theirs. */
const SHARE = 16;

interface Room {
  readonly countedAt: number;
  readonly left: number;
}

/**
 * Which queues have room by their last count, so that not each run has them counted: to fill one of 10,000 that way
 * would read it 10,000 times. A queue that is almost full, or was not counted for a second, is counted.
 */
export class QueueRoom {
  readonly #rooms = new BoundedMap<Room>(KEYS_MAX);

  constructor(private readonly queueMax: number) {}

  /** Takes one of the places that are known to be free; false when none is. */
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
