import { InFlightSet } from '@app/collections';

interface Waiting {
  readonly bytes: number;
  readonly settle: (taken: boolean) => void;
}

/**
 * A bound on the bytes of the bodies that are held at the same time, however many requests they are of. A body larger
 * than the whole budget is taken when nothing else is held, so that every allowed body can be taken whatever the
 * setting is.
 */
export class ByteBudget {
  #heldBytes = 0;
  readonly #waiting = new InFlightSet<Waiting>();

  /** @param waitMsMax how long `take` waits for its turn, in milliseconds; `Infinity` for as long as it takes */
  constructor(
    readonly bytesMax: number,
    private readonly waitMsMax: number,
  ) {}

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Takes them if there is room. @param ownBytes what the same body holds already */
  tryTake(bytes: number, ownBytes = 0): boolean {
    const isAlone = this.#heldBytes === ownBytes;
    if (!isAlone && this.#heldBytes + bytes > this.bytesMax) return false;
    this.#heldBytes += bytes;
    return true;
  }

  /** Takes them in turn; false if its turn did not come within `waitMsMax`. */
  async take(bytes: number): Promise<boolean> {
    if (this.#waiting.size === 0 && this.tryTake(bytes)) return true;
    return new Promise((resolve) => {
      const settle = (taken: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
        resolve(taken);
      };
      const waiting: Waiting = { bytes, settle };
      const timer = Number.isFinite(this.waitMsMax)
        ? setTimeout(settle, this.waitMsMax, false)
        : undefined;
      this.#waiting.add(waiting);
    });
  }

  /** Takes them even if there is no room, because they are in memory already. Later callers wait longer. */
  force(bytes: number): void {
    this.#heldBytes += bytes;
  }

  give(bytes: number): void {
    this.#heldBytes -= bytes;
    for (const { bytes: wanted, settle } of this.#waiting) {
      if (!this.tryTake(wanted)) return;
      settle(true);
    }
  }
}
