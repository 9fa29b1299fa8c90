/** How many calls may be under way and wait. */
export interface CallPlacesLimits {
  /** Under way at the same time, in all, to one origin and of one workflow. */
  readonly callsMax: number;
  readonly perOriginMax: number;
  readonly perWorkflowMax: number;
  /** That wait for a place, in all; a quarter of them at most for one origin. */
  readonly waitingMax: number;
  /** Bytes of the runs that call or wait for one origin; one alone may have more. */
  readonly bytesPerOriginMax: number;
}

export interface Caller {
  readonly origin: string;
  readonly workflowId: string;
  /** What its run holds of the memory until the call is over. */
  readonly bytes: number;
}

/** Gives the place back; once is enough, and more does no harm. */
export type Leave = () => void;

/** `full`: there is no place to wait in either; `delayMs` from now there may be one. */
export type Entry =
  | { readonly kind: 'entered'; readonly leave: Leave }
  | { readonly kind: 'waiting'; readonly entered: Promise<Leave> }
  | { readonly kind: 'full'; readonly delayMs: number };

interface Waiting extends Caller {
  readonly enter: (leave: Leave) => void;
}

/** What is known of one origin while somebody calls it or waits for it. */
interface Origin {
  calls: number;
  waiting: number;
  /** Of both. */
  bytes: number;
  /** Who waits, by workflow; the workflow that had its turn goes to the end. */
  readonly lines: Map<string, Set<Waiting>>;
  /** How long it is from one end of a call to the next, on average, in milliseconds. */
  intervalMs: number;
  endedAt: number;
  /** When the last one that was sent away may come back. */
  backAt: number;
}

/**
 * Until it is known how fast an origin is, in milliseconds from one end of a call to the next: 64 calls of a
 * third of a second. Who comes back too soon is told better; who was told too much waits for nothing.
 */
const INTERVAL_MS_DEFAULT = 5;
const DELAY_MS_MIN = 250;
const DELAY_MS_MAX = 300_000;

/**
 * The places for calls: a bound for each origin and workflow and one for all, so that a slow target
 * takes its own places and no others. A place that gets free at an origin goes to the workflow whose turn
 * it is there, and within it to whoever waited longest.
 *
 * What waits or calls holds its event and its state, so bytes are bounded for each origin as well.
 *
 * Who finds no place to wait in either is told when to come back: one after the other, as fast as the
 * origin was lately.
 */
export class CallPlaces {
  readonly #origins = new Map<string, Origin>();
  readonly #ofWorkflow = new Map<string, number>();
  #calls = 0;
  #waiting = 0;

  constructor(
    private readonly limits: CallPlacesLimits,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** Calls that have a place. */
  get calls(): number {
    return this.#calls;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Takes a place or waits for one until `abort`; a wait that was aborted never ends. */
  ask(caller: Caller, abort: AbortSignal): Entry {
    const origin = this.#originOf(caller.origin);
    if (origin.bytes > 0 && origin.bytes + caller.bytes > this.limits.bytesPerOriginMax) {
      return { kind: 'full', delayMs: this.#delayMs(origin) };
    }
    if (!origin.lines.has(caller.workflowId) && this.#hasPlace(caller, origin)) {
      return { kind: 'entered', leave: this.#enter(caller, origin) };
    }
    const { waitingMax } = this.limits;
    if (this.#waiting >= waitingMax || origin.waiting >= Math.ceil(waitingMax / 4)) {
      const delayMs = this.#delayMs(origin);
      this.#forgetIfIdle(caller.origin, origin);
      return { kind: 'full', delayMs };
    }
    return { kind: 'waiting', entered: this.#wait(caller, origin, abort) };
  }

  #wait(caller: Caller, origin: Origin, abort: AbortSignal): Promise<Leave> {
    return new Promise((resolve) => {
      const waiting: Waiting = { ...caller, enter: resolve };
      const line = origin.lines.get(caller.workflowId) ?? new Set();
      origin.lines.set(caller.workflowId, line.add(waiting));
      origin.waiting += 1;
      origin.bytes += caller.bytes;
      this.#waiting += 1;
      abort.addEventListener('abort', () => this.#leaveLine(waiting, origin), { once: true });
    });
  }

  /** True if it was in there. */
  #leaveLine(waiting: Waiting, origin: Origin): boolean {
    const line = origin.lines.get(waiting.workflowId);
    if (line?.delete(waiting) !== true) return false;
    if (line.size === 0) origin.lines.delete(waiting.workflowId);
    origin.waiting -= 1;
    origin.bytes -= waiting.bytes;
    this.#waiting -= 1;
    this.#forgetIfIdle(waiting.origin, origin);
    return true;
  }

  #enter({ origin: name, workflowId, bytes }: Caller, origin: Origin): Leave {
    this.#calls += 1;
    origin.calls += 1;
    origin.bytes += bytes;
    this.#ofWorkflow.set(workflowId, (this.#ofWorkflow.get(workflowId) ?? 0) + 1);
    const begunAt = this.clock();
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      this.#calls -= 1;
      origin.calls -= 1;
      origin.bytes -= bytes;
      const left = (this.#ofWorkflow.get(workflowId) ?? 1) - 1;
      if (left > 0) this.#ofWorkflow.set(workflowId, left);
      else this.#ofWorkflow.delete(workflowId);
      this.#measure(origin, begunAt);
      while (this.#letOneIn());
      this.#forgetIfIdle(name, origin);
    };
  }

  /**
   * For the first origin that has room and somebody who may have it; true if there was one. One call
   * that ends may free a place at its origin for one workflow, and one of its workflow at another origin.
   */
  #letOneIn(): boolean {
    for (const [name, origin] of this.#origins) {
      if (origin.waiting === 0 || origin.calls >= this.limits.perOriginMax) continue;
      for (const [workflowId, line] of origin.lines) {
        const [first] = line;
        if (!first || !this.#hasPlace({ workflowId }, origin)) continue;
        this.#leaveLine(first, origin);
        const rest = origin.lines.get(workflowId);
        if (rest) {
          origin.lines.delete(workflowId);
          origin.lines.set(workflowId, rest);
        }
        this.#origins.delete(name);
        this.#origins.set(name, origin);
        first.enter(this.#enter(first, origin));
        return true;
      }
    }
    return false;
  }

  #hasPlace({ workflowId }: Pick<Caller, 'workflowId'>, { calls }: Origin): boolean {
    const { callsMax, perOriginMax, perWorkflowMax } = this.limits;
    const ofWorkflow = this.#ofWorkflow.get(workflowId) ?? 0;
    return this.#calls < callsMax && calls < perOriginMax && ofWorkflow < perWorkflowMax;
  }

  #originOf(name: string): Origin {
    const known = this.#origins.get(name);
    if (known) return known;
    const now = this.clock();
    const lines: Origin['lines'] = new Map();
    const fresh = { calls: 0, waiting: 0, bytes: 0, lines, endedAt: now, backAt: now };
    const origin = { ...fresh, intervalMs: INTERVAL_MS_DEFAULT };
    this.#origins.set(name, origin);
    return origin;
  }

  #forgetIfIdle(name: string, { calls, waiting }: Origin): void {
    if (calls === 0 && waiting === 0) this.#origins.delete(name);
  }

  /**
   * The smaller of two: the time since the last end, and what this call took, shared by the places that an
   * origin has. A time without calls, and one slow call that is the first of many, such as after an outage of
   * ours, say nothing of the pace of the origin.
   */
  #measure(origin: Origin, begunAt: number): void {
    const now = this.clock();
    const { callsMax, perOriginMax, perWorkflowMax } = this.limits;
    const sharedMs = (now - begunAt) / Math.min(callsMax, perOriginMax, perWorkflowMax);
    const sampleMs = Math.min(now - origin.endedAt, sharedMs);
    origin.intervalMs = origin.intervalMs * 0.9 + sampleMs * 0.1;
    origin.endedAt = now;
  }

  #delayMs(origin: Origin): number {
    const now = this.clock();
    const lineMs = origin.waiting * origin.intervalMs;
    origin.backAt = Math.max(now + lineMs, origin.backAt + origin.intervalMs);
    return Math.round(Math.min(Math.max(origin.backAt - now, DELAY_MS_MIN), DELAY_MS_MAX));
  }
}
