import { BodyHold, type ByteBudget, declaredBytes, type Judge, readBody } from '@app/http';
import { type FastifyRequest } from 'fastify';

/** What the bodies of requests may take of the memory; every part of it is in bytes. */
export interface BodyBounds {
  readonly bytesMax: number;
  /** For the bodies of senders that are not authorized yet, in bytes. */
  readonly unknown: ByteBudget;
  /** For all others together, from the moment their sender is known to the end of the dispatch. */
  readonly known: ByteBudget;
}

/**
 * The body of one request. It counts against the budget of unauthorized senders until `admit`. Whoever makes one
 * releases it.
 */
export class IncomingBody {
  readonly #hold: BodyHold;
  #admitted: Promise<void> | undefined;

  constructor(
    private readonly request: FastifyRequest,
    private readonly bounds: BodyBounds,
  ) {
    this.#hold = new BodyHold(bounds.unknown);
  }

  /**
   * The sender is authorized: waits until there is room for the declared length of the body. @throws
   * TooManyBytesInFlightError
   */
  admit(): Promise<void> {
    return (this.#admitted ??= this.#hold.moveTo(this.bounds.known, this.#declaredBytes()));
  }

  /** Whether its sender has been found to have a right token. */
  get isAdmitted(): boolean {
    return this.#admitted !== undefined;
  }

  /** @throws FlowError as `readBody` does, and whatever `judge` fails with */
  read(judge?: Judge): Promise<Buffer> {
    const { bytesMax } = this.bounds;
    const isJudged = this.#admitted === undefined;
    return readBody(this.request, {
      bytesMax,
      hold: this.#hold,
      judge: isJudged ? judge : undefined,
    });
  }

  release(): void {
    this.#hold.release();
  }

  /** A body over its limit is not read, so it needs no room. */
  #declaredBytes(): number {
    const declared = declaredBytes(this.request.raw);
    return declared > this.bounds.bytesMax ? 0 : declared;
  }
}

/**
 * Takes what came in the body, which is held until what is made of it needs it no more, or is refused.
 */
export async function withBody<T extends { readonly dispatched: Promise<unknown> }>(
  body: IncomingBody,
  take: (body: IncomingBody) => Promise<T>,
): Promise<T> {
  try {
    const taken = await take(body);
    void taken.dispatched.finally(() => {
      body.release();
    });
    return taken;
  } catch (error) {
    body.release();
    throw error;
  }
}
