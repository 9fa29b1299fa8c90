import {
  PacedWork,
  type RejectedRequest,
  type RejectedRequestStore,
  type WorkflowCache,
} from '@app/persistence';

/** Rejected requests that wait to be put on record, at most; further ones are dropped. */
const WAITING_MAX = 2_000;
/**
 * The mean time that they wait for each other, in milliseconds; the actual time is random, from half of it to one and
 * a half times.
 */
const PACE_MS = 200;

/**
 * Puts rejected requests on record if their workflow exists, which is not known yet.
 *
 * 1. Nothing happens during the request or just after it. One query for all requests that came meanwhile is sent at a
 *    random moment, so neither the answer nor the next request on the same connection takes longer for a workflow
 *    that exists.
 * 2. The query is the same whatever the cache has.
 * 3. At most `WAITING_MAX` requests wait, and one query is under way, however many requests are rejected.
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

  /** Hands on the waiting requests. Never rejects. */
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
