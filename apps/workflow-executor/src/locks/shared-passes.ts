interface Passes {
  readonly current: Promise<void>;
  /** The pass after `current`, for all calls that came during it. */
  next?: Promise<void>;
}

/**
 * Makes one pass for a key at a time. Calls that come during a pass share the next one, so a burst of calls makes two
 * passes, however many they are.
 */
export class SharedPasses {
  readonly #passes = new Map<string, Passes>();

  constructor(private readonly pass: (key: string) => Promise<void>) {}

  /** Ends when a pass has ended that began after this call, and fails if that pass fails. */
  run(key: string): Promise<void> {
    const passes = this.#passes.get(key);
    if (passes === undefined) return this.#begin(key);
    const begin = (): Promise<void> => this.#begin(key);
    passes.next ??= passes.current.then(begin, begin);
    return passes.next;
  }

  #begin(key: string): Promise<void> {
    const passes: Passes = { current: this.pass(key) };
    this.#passes.set(key, passes);
    const forget = (): void => {
      if (passes.next === undefined) this.#passes.delete(key);
    };
    passes.current.then(forget, forget);
    return passes.current;
  }
}
