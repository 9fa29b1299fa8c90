import {
  PacedWork,
  type RejectedRequest,
  type RejectedRequestStore,
  type WorkflowCache,
} from '@app/persistence';

/** Rejected requests that wait to be put on record; of more than these none is kept. */
const WAITING_MAX = 2_000;
/** How long they wait together, in milliseconds: half of it at least, one and a half times at most. */
const PACE_MS = 200;

/**
 * Rejected requests for workflows that may not exist: those that do exist go on record.
 *
 * 1. Nothing is done in the time of the request or just after it. One look into the store for all
 *    that came meanwhile is made at a moment that no sender can predict, so neither the answer nor the
 *    next request on the same connection takes longer for a workflow that exists.
 * 2. The look is the same whatever the cache has.
 * 3. At most `WAITING_MAX` wait, and one look is under way, however many requests are rejected.
 */
export class UnverifiedRejections {
  #waiting: RejectedRequest[] = [];
  readonly #looks = new PacedWork(() => this.#handOn());

  constructor(
    private readonly workflows: WorkflowCache,
    private readonly rejectedRequests: Pick<RejectedRequestStore, 'add'>,
  ) {}

  add(request: RejectedRequest): void {
    if (this.#waiting.length >= WAITING_MAX) return;
    this.#waiting.push(request);
    this.#looks.within(PACE_MS * (0.5 + Math.random()));
  }

  /** Hands on what waits. Never rejects. */
  settle(): Promise<void> {
    return this.#looks.now();
  }

  async #handOn(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const requests = this.#waiting;
    this.#waiting = [];
    const ids = new Set(requests.map(({ workflowId }) => workflowId));
    const existing = await this.workflows.existing([...ids]);
    for (const request of requests)
      if (existing.has(request.workflowId)) this.rejectedRequests.add(request);
  }
}
