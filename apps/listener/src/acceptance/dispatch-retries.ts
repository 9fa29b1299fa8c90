import { type Dispatcher } from '@app/messaging';

export interface DispatchRetrySettings {
  /** The most ids that wait; further activities are left to the sweeper. */
  readonly waitingMax: number;
  /** The pause before the first attempt, in milliseconds. It doubles with each attempt that fails. */
  readonly pauseMs: number;
  readonly pauseMsMax: number;
  /** The most notifications in flight at the same time. */
  readonly inFlightMax: number;
}

export const DEFAULT_RETRY_SETTINGS: Omit<DispatchRetrySettings, 'waitingMax'> = {
  pauseMs: 200,
  pauseMsMax: 1_000,
  inFlightMax: 16,
};

/**
 * Retries failed dispatches of recorded activities. Only ids are kept. One attempt at a time checks whether an executor
 * can be reached; when it succeeds, the rest follow. If this process dies, the sweeper finds the activities.
 */
export class DispatchRetries {
  /** Ids, in the order in which they were added. */
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

  /** @returns false if there is no room for the id */
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

  /** Notifies executors until no id waits or a notification fails. */
  async #drain(): Promise<void> {
    for (const id of this.#waiting) if (this.#closed || !(await this.#notify(id))) return;
  }

  async #notify(activityId: string): Promise<boolean> {
    this.#waiting.delete(activityId);
    try {
      await this.dispatcher.notify(activityId);
      return true;
    } catch {
      // There is room: the id was taken out of the set before the attempt.
      this.#waiting.add(activityId);
      return false;
    }
  }
}
