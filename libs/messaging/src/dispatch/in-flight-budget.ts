import { type Dispatcher } from '../dispatcher.js';
import { NoRoomError } from '../errors.js';

export interface InFlightLimits {
  /** Dispatches and notifications in flight at once; further ones are rejected. */
  readonly inFlightMax: number;
  /** Their bytes together; further ones are rejected, unless nothing else is in flight. */
  readonly inFlightBytesMax: number;
}

/** Bounds the dispatches in flight, because each holds its event until it is answered. */
export class InFlightBudget {
  #count = 0;
  #bytes = 0;

  constructor(
    private readonly transport: Dispatcher['transport'],
    private readonly limits: InFlightLimits,
  ) {}

  get count(): number {
    return this.#count;
  }

  /** @throws NoRoomError */
  take(bytes: number): void {
    const { inFlightMax, inFlightBytesMax } = this.limits;
    if (this.#count >= inFlightMax) {
      throw new NoRoomError(this.transport, `${inFlightMax} are in flight`);
    }
    if (this.#bytes > 0 && this.#bytes + bytes > inFlightBytesMax) {
      const reason = `more than ${inFlightBytesMax} bytes would be in flight`;
      throw new NoRoomError(this.transport, reason);
    }
    this.#count += 1;
    this.#bytes += bytes;
  }

  /** Releases a message that was counted by `take`. */
  give(bytes: number): void {
    this.#count -= 1;
    this.#bytes -= bytes;
  }
}
