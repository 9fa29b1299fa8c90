import { BodyReservation, type ByteBudget, declaredBytes, type Judge, readBody } from '@app/http';
import { type FastifyRequest } from 'fastify';

/** The limits of request bodies, in bytes. */
export interface BodyBounds {
  readonly bytesMax: number;
  /** The memory for bodies whose senders are not authorized yet. */
  readonly unknown: ByteBudget;
  /** The memory for bodies of authorized senders, until their events are dispatched. */
  readonly known: ByteBudget;
}

/**
 * The body of one request. It counts against the budget of unauthorized senders until `admit`. The creator must call
 * `release`.
 */
export class IncomingBody {
  readonly #reservation: BodyReservation;
  #admitted: Promise<void> | undefined;

  constructor(
    private readonly request: FastifyRequest,
    private readonly bounds: BodyBounds,
  ) {
    this.#reservation = new BodyReservation(bounds.unknown);
  }

  /**
   * Call it when the sender is authorized. Waits until there is room for the declared length of the body.
   * @throws TooManyBytesInFlightError
   */
  admit(): Promise<void> {
    return (this.#admitted ??= this.#reservation.moveTo(this.bounds.known, this.#declaredBytes()));
  }

  /** Whether the sender is authorized. */
  get isAdmitted(): boolean {
    return this.#admitted !== undefined;
  }

  /** @throws FlowError as `readBody` does, and the error of `judge` */
  read(judge?: Judge): Promise<Buffer> {
    const { bytesMax } = this.bounds;
    const isJudged = this.#admitted === undefined;
    return readBody(this.request, {
      bytesMax,
      reservation: this.#reservation,
      judge: isJudged ? judge : undefined,
    });
  }

  release(): void {
    this.#reservation.release();
  }

  /** The declared length; 0 for a body over its limit, which is not read. */
  #declaredBytes(): number {
    const declared = declaredBytes(this.request.raw);
    return declared > this.bounds.bytesMax ? 0 : declared;
  }
}

/** Calls `take`, and releases the body when its result is dispatched or it throws. */
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
