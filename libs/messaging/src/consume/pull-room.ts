import { type Asked } from './pull-request.js';

export interface PullLimits {
  /** In hand and asked for, together. */
  readonly messagesInHandMax: number;
  /**
   * The same in bytes; no bound when absent. A message that is larger than all of it is taken when
   * nothing else is in hand.
   */
  readonly bytesInHandMax?: number | undefined;
}

/** What is in hand, and what was asked for. */
export interface Pulled {
  readonly messages: number;
  readonly bytes: number;
  readonly requested: number;
  readonly requestedBytes: number;
}

/** Room is asked for in parts of it: not for each free place by itself, and not all in one request. */
const PART = 1 / 4;

/** What to ask for next, as far as there is room. */
export class PullRoom {
  /** The next message is known to be larger; 0 when nothing is known. */
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
    const { messagesInHandMax, bytesInHandMax } = this.limits;
    const room = messagesInHandMax - pulled.messages - pulled.requested;
    const part = Math.ceil(messagesInHandMax * PART);
    if (room < (pulled.requested === 0 ? 1 : part)) return undefined;
    if (bytesInHandMax === undefined) return { messages: room };
    const bytesRoom = bytesInHandMax - pulled.bytes - pulled.requestedBytes;
    if (this.#tooFewBytes > 0) return this.#nextLarge(pulled, bytesRoom, bytesInHandMax);
    const bytes = Math.ceil(bytesInHandMax * PART);
    return bytesRoom < bytes ? undefined : { messages: Math.min(room, part), bytes };
  }

  /** One message by itself, with all the room there is; without a bound once nothing is in the way. */
  #nextLarge(pulled: Pulled, bytesRoom: number, bytesInHandMax: number): Asked | undefined {
    if (pulled.requested > 0) return undefined;
    if (pulled.messages === 0 && this.#tooFewBytes >= bytesInHandMax) return { messages: 1 };
    return bytesRoom > this.#tooFewBytes ? { messages: 1, bytes: bytesRoom } : undefined;
  }
}
