interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** As Node's timers, as far as they are used; it keeps no process alive anyway. */
class TimerHandle {
  constructor(readonly id: number) {}

  unref(): this {
    return this;
  }
}

const { setTimeout, clearTimeout, setImmediate } = globalThis;
const readRealMs = performance.now.bind(performance);

/** The clocks whose `during` runs; the last one counts. */
const running: VirtualTime[] = [];
/** The same two for every clock: jest keeps whatever was a global, and with it each simulation, until the file is done. */
const TIMERS = {
  setTimeout: (run: () => void, ms?: number) => running.at(-1)?.set(run, ms),
  clearTimeout: (handle: unknown) => running.at(-1)?.clear(handle),
};

/**
 * A clock that stands still until everything that can happen at its instant has happened. While
 * `during` runs, the timers and `performance.now` of everybody are this clock's, and `Math.random`
 * is the given one.
 */
export class VirtualTime {
  readonly #timers = new Map<number, Timer>();
  #lastId = 0;

  constructor(public now: number) {}

  async during<T>(random: () => number, work: () => Promise<T>): Promise<T> {
    const realRandom = Math.random;
    running.push(this);
    Object.assign(globalThis, TIMERS);
    performance.now = () => this.now;
    Math.random = random;
    try {
      return await work();
    } finally {
      running.pop();
      Object.assign(globalThis, { setTimeout, clearTimeout });
      performance.now = readRealMs;
      Math.random = realRandom;
    }
  }

  after(ms: number, run: () => void): void {
    this.set(run, ms);
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** Goes on until `isOver`, asked at every instant, or until nothing is left before `until`. */
  async run(until: number, isOver: () => boolean): Promise<void> {
    for (;;) {
      await settled();
      const next = this.#next();
      if (isOver() || next === undefined || this.#at(next) > until) return;
      const timer = this.#timers.get(next);
      this.#timers.delete(next);
      this.now = Math.max(this.now, timer?.at ?? 0);
      timer?.run();
    }
  }

  /** A millisecond at least, as Node does it. */
  set(run: () => void, ms = 0): TimerHandle {
    this.#lastId += 1;
    this.#timers.set(this.#lastId, { at: this.now + Math.max(1, ms), run });
    return new TimerHandle(this.#lastId);
  }

  clear(handle: unknown): void {
    if (handle instanceof TimerHandle) this.#timers.delete(handle.id);
  }

  /** The earliest, and among those of one instant the one that was set first. */
  #next(): number | undefined {
    let next: number | undefined;
    for (const id of this.#timers.keys()) {
      if (next === undefined || this.#at(id) < this.#at(next)) next = id;
    }
    return next;
  }

  #at(id: number): number {
    return this.#timers.get(id)?.at ?? Infinity;
  }
}

/** When no promise that is resolved has anybody left to tell. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
