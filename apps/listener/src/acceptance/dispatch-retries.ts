import { type Dispatcher } from '@app/messaging';

export interface DispatchRetrySettings {
  /** Ids that wait, at most; further activities are left to the sweeper. */
  readonly waitingMax: number;
  /** Before the first attempt, in milliseconds; doubled with each that fails. */
  readonly pauseMs: number;
  readonly pauseMsMax: number;
  /** Notifications that are under way together. */
  readonly inFlightMax: number;
}

export const DEFAULT_RETRY_SETTINGS: Omit<DispatchRetrySettings, 'waitingMax'> = {
  pauseMs: 200,
  pauseMsMax: 1_000,
  inFlightMax: 16,
};

/**
 * Activities that are on record and whose dispatch failed. Only their ids are kept, and an executor is notified of
 * them as soon as one can be reached: one attempt at a time checks that, and when it succeeds, the rest follow. If
 * this process dies, the sweeper finds them.
 */
export class DispatchRetries {
  /** In the order they came. */
  readonly #waiting = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #pauseMs: number;
  #closed = false;

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly settings: DispatchRetrySettings,
  ) {
    this.#pauseMs = settings.pauseMs;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** @returns whether it is kept: false when there is no more room */
  add(activityId: string): boolean {
    if (this.#closed || this.#waiting.size >= this.settings.waitingMax) return false;
    this.#waiting.add(activityId);
    this.#timer ??= setTimeout(() => void this.#turn(), this.#pauseMs).unref();
    return true;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #turn(): Promise<void> {
    const [first] = this.#waiting;
    const isReached = first !== undefined && (await this.#notify(first));
    if (isReached)
      await Promise.all(Array.from({ length: this.settings.inFlightMax }, () => this.#drain()));
    const { pauseMs, pauseMsMax } = this.settings;
    this.#pauseMs = isReached ? pauseMs : Math.min(this.#pauseMs * 2, pauseMsMax);
    this.#timer = undefined;
    if (this.#closed || this.#waiting.size === 0) return;
    this.#timer = setTimeout(() => void this.#turn(), this.#pauseMs).unref();
  }

  /** Until nothing waits, or one fails. */
  async #drain(): Promise<void> {
    for (const id of this.#waiting) if (this.#closed || !(await this.#notify(id))) return;
  }

  async #notify(activityId: string): Promise<boolean> {
    this.#waiting.delete(activityId);
    try {
      await this.dispatcher.notify(activityId);
      return true;
    } catch {
      // It had room before.
      this.#waiting.add(activityId);
      return false;
    }
  }
}
