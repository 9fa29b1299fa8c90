import { BodyHold, type ByteBudget, declaredBytes, type Judge, readBody } from '@app/http';
import { type FastifyRequest } from 'fastify';

/** What the bodies of requests may take of the memory; every part of it is in bytes. */
export interface BodyBounds {
  readonly bytesMax: number;
  /** For all bodies together whose senders have shown no token that is right. */
  readonly unknown: ByteBudget;
  /** For all others together, from the moment their sender is known to the end of the dispatch. */
  readonly known: ByteBudget;
}

/**
 * The body of one request, which counts among those of strangers until `admit`. Whoever makes one
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
   * Its sender may send it: waits until there is room for as much as it says it has.
   * @throws TooManyBytesInFlightError
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

  /** What is larger than it may be is not read, so no room is needed for it. */
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
