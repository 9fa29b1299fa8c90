import { type Asked } from './pull-request.js';

export interface PullLimits {
  /** Messages in flight and asked for, together; items, where a message brings several. */
  readonly messagesInFlightMax: number;
  /**
   * Items that one message brings, at most; 1 when absent. A message with more items than all the room is taken
   * alone.
   */
  readonly placesMax?: number | undefined;
  /**
   * The same in bytes; no bound when absent. A message that is larger than all the room is taken when nothing else is
   * in flight.
   */
  readonly bytesInFlightMax?: number | undefined;
}

/** What is in flight, and what was asked for. */
export interface Pulled {
  /** The number of items in flight: one for a message, or one for each item of a batch. */
  readonly places: number;
  readonly bytes: number;
  readonly requested: number;
  readonly requestedBytes: number;
}

/** The part of all room that one request is for: not a request for each free place and, with bytes bounded, not for all. */
const PART = 1 / 4;

/** What to ask for next, as far as there is room. */
export class PullRoom {
  /** The next message is known to be larger than this; 0 when nothing is known. */
  #tooFewBytes = 0;

  constructor(private readonly limits: PullLimits) {}

  /** A request ended because the next message had more bytes than these. */
  tooLarge(bytes: number): void {
    this.#tooFewBytes = Math.max(this.#tooFewBytes, bytes);
  }

  /** A message came, so nothing is known of the next one. */
  delivered(): void {
    this.#tooFewBytes = 0;
  }

  /** Undefined when there is not enough room to ask for. */
  next(pulled: Pulled): Asked | undefined {
    const { messagesInFlightMax, placesMax = 1, bytesInFlightMax } = this.limits;
    const messagesMax = Math.max(1, Math.floor(messagesInFlightMax / placesMax));
    const room = messagesMax - Math.ceil(pulled.places / placesMax) - pulled.requested;
    const part = Math.ceil(messagesMax * PART);
    if (room < (pulled.requested === 0 ? 1 : part)) return undefined;
    if (bytesInFlightMax === undefined) return { messages: room };
    const bytesRoom = bytesInFlightMax - pulled.bytes - pulled.requestedBytes;
    if (this.#tooFewBytes > 0) return this.#nextLarge(pulled, bytesRoom, bytesInFlightMax);
    const bytes = Math.ceil(bytesInFlightMax * PART);
    return bytesRoom < bytes ? undefined : { messages: Math.min(room, part), bytes };
  }

  /** One message by itself, with all the room there is; without a bound of bytes once nothing else is in flight. */
  #nextLarge(pulled: Pulled, bytesRoom: number, bytesInFlightMax: number): Asked | undefined {
    if (pulled.requested > 0) return undefined;
    if (pulled.places === 0 && this.#tooFewBytes >= bytesInFlightMax) return { messages: 1 };
    return bytesRoom > this.#tooFewBytes ? { messages: 1, bytes: bytesRoom } : undefined;
  }
}
