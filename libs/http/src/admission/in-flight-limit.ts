/** A bound on the requests that are being worked on. */
export class InFlightLimit<Request extends object> {
  readonly #inFlight = new Set<Request>();

  constructor(private readonly requestsMax: number) {}

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Whether no further request should enter. */
  get isFull(): boolean {
    return this.#inFlight.size >= this.requestsMax;
  }

  /** `leave` must follow. */
  enter(request: Request): void {
    this.#inFlight.add(request);
  }

  /** Without effect for a request that did not enter, or has left. */
  leave(request: Request): void {
    this.#inFlight.delete(request);
  }
}
