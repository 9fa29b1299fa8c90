/** A bound on the requests that are being worked on. */
export class InFlightLimit<Request extends object> {
  readonly #inFlight = new Set<Request>();

  constructor(private readonly requestsMax: number) {}

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Whether the request may go on; then `leave` must follow. */
  enter(request: Request): boolean {
    if (this.#inFlight.size >= this.requestsMax) return false;
    this.#inFlight.add(request);
    return true;
  }

  /** Without effect for a request that did not enter, or has left. */
  leave(request: Request): void {
    this.#inFlight.delete(request);
  }
}
