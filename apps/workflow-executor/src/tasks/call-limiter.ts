import { InFlightMap } from '@app/collections';

/** The limits of calls in flight and of waiting calls. */
export interface CallLimits {
  /** The most calls in flight: in all, to one origin, and of one workflow. */
  readonly callsMax: number;
  readonly perOriginMax: number;
  readonly perWorkflowMax: number;
  /** The most calls that wait for a slot, in all; at most a quarter of them for one origin. */
  readonly waitingMax: number;
  /** The most bytes of the runs that call or wait for one origin. A single run may have more. */
  readonly bytesPerOriginMax: number;
}

export interface Caller {
  readonly origin: string;
  readonly workflowId: string;
  /** The memory of the run, which is held until the call is over. */
  readonly bytes: number;
}

/** Gives the slot back. Further calls have no effect. */
export type Release = () => void;

/** `full`: there is no room to wait either; ask again after `delayMs`. */
export type Entry =
  | { readonly kind: 'entered'; readonly leave: Release }
  | { readonly kind: 'waiting'; readonly entered: Promise<Release> }
  | { readonly kind: 'full'; readonly delayMs: number };

interface Waiting extends Caller {
  readonly enter: (leave: Release) => void;
}

/** The state of an origin with calls in flight or waiting. */
interface Origin {
  calls: number;
  waiting: number;
  /** The bytes of the runs of all these calls. */
  bytes: number;
  /** The waiting calls by workflow. A workflow that had its turn goes to the end. */
  readonly lines: Map<string, Set<Waiting>>;
  /** The average time from the end of one call to the end of the next, in milliseconds. */
  intervalMs: number;
  endedAt: number;
  /** The time at which the last refused caller may ask again. */
  backAt: number;
}

/**
 * The assumed interval of an origin whose pace is unknown, in milliseconds: that of 64 calls of a third of a second. It is
 * short on purpose. A caller that asks again too soon gets a better delay; one with a delay that is too long waits for
 * nothing.
 */
const INTERVAL_MS_DEFAULT = 5;
const DELAY_MS_MIN = 250;
const DELAY_MS_MAX = 300_000;

/**
 * Limits the calls in flight for each origin, for each workflow, and in all, so that a slow target uses up only its own
 * slots. A free slot of an origin goes to the workflow whose turn it is, and within it to the call that has waited
 * longest.
 *
 * A run that calls or waits holds its event and its state, so the bytes for each origin are limited, too.
 *
 * A call without room to wait gets a delay after which to ask again. The delays of such calls follow each other at the
 * recent pace of the origin.
 */
export class CallLimiter {
  readonly #origins = new InFlightMap<string, Origin>();
  readonly #ofWorkflow = new InFlightMap<string, number>();
  #calls = 0;
  #waiting = 0;

  constructor(
    private readonly limits: CallLimits,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** Calls that have a slot. */
  get calls(): number {
    return this.#calls;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Takes a slot, or waits for one until `abort`. The promise of an aborted wait never settles. */
  acquire(caller: Caller, abort: AbortSignal): Entry {
    const origin = this.#originOf(caller.origin);
    if (origin.bytes > 0 && origin.bytes + caller.bytes > this.limits.bytesPerOriginMax) {
      return { kind: 'full', delayMs: this.#delayMs(origin) };
    }
    if (!origin.lines.has(caller.workflowId) && this.#hasSlot(caller, origin)) {
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

  #wait(caller: Caller, origin: Origin, abort: AbortSignal): Promise<Release> {
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

  /** @returns whether the call was waiting */
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

  #enter({ origin: name, workflowId, bytes }: Caller, origin: Origin): Release {
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
   * Gives one waiting call a slot. The end of one call may make room for several: for another workflow at its origin, and
   * for its workflow at another origin.
   * @returns whether a call got a slot
   */
  #letOneIn(): boolean {
    for (const [name, origin] of this.#origins) {
      if (origin.waiting === 0 || origin.calls >= this.limits.perOriginMax) continue;
      for (const [workflowId, line] of origin.lines) {
        const [first] = line;
        if (!first || !this.#hasSlot({ workflowId }, origin)) continue;
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

  #hasSlot({ workflowId }: Pick<Caller, 'workflowId'>, { calls }: Origin): boolean {
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
   * Updates the interval of the origin with the smaller of two samples: the time since the last end, and the duration of
   * this call divided by the slots of the origin. The first would be too long after a time without calls, the second
   * after one slow call at the beginning of many.
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
