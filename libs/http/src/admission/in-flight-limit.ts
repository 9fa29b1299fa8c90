import { InFlightSet } from '@app/collections';

/** A bound on the number of requests in flight. */
export class InFlightLimit<Request extends object> {
  readonly #inFlight = new InFlightSet<Request>();

  constructor(private readonly requestsMax: number) {}

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Whether further requests must be refused. */
  get isFull(): boolean {
    return this.#inFlight.size >= this.requestsMax;
  }

  /** `leave` must follow. */
  enter(request: Request): void {
    this.#inFlight.add(request);
  }

  /** Has no effect for a request that did not enter, or has left. */
  leave(request: Request): void {
    this.#inFlight.delete(request);
  }
}
