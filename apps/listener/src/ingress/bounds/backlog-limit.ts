import { type OnModuleDestroy, type CanActivate, Injectable } from '@nestjs/common';
import { BacklogFullError } from '../errors.js';

/** The time between the end of one count and the beginning of the next, in milliseconds. */
const COUNT_EVERY_MS = 1_000;

export interface BacklogLimitOptions {
  /** The most activities that wait to begin. 0 sets no limit, and nothing is counted. */
  readonly backlogMax: number;
  /** Counts the waiting activities, no further than `countMax`. */
  readonly count: (countMax: number) => Promise<number>;
  readonly countEveryMs?: number;
}

/**
 * Tells whether too many activities wait to be executed. They are counted in the background, so a request costs no
 * query, and requests that are accepted between two counts may exceed the limit. While a count fails the limit does not
 * apply: MongoDB is gone then, and the spool has bounds of its own.
 */
export class BacklogLimit implements OnModuleDestroy {
  #counted: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(private readonly options: BacklogLimitOptions) {}

  /** Starts to count. */
  start(): void {
    if (this.options.backlogMax > 0) void this.#count();
  }

  onModuleDestroy(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** The result of the last count; undefined if it failed. */
  get counted(): number | undefined {
    return this.#counted;
  }

  get isReached(): boolean {
    const { backlogMax } = this.options;
    return backlogMax > 0 && this.#counted !== undefined && this.#counted >= backlogMax;
  }

  async #count(): Promise<void> {
    const { backlogMax, count, countEveryMs = COUNT_EVERY_MS } = this.options;
    this.#counted = await count(backlogMax).catch(() => undefined);
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#count(), countEveryMs).unref();
  }
}

/**
 * Answers 429 while too many activities wait to be executed. This check comes first, so that requests are refused
 * quickly.
 */
@Injectable()
export class BacklogGuard implements CanActivate {
  constructor(private readonly limit: BacklogLimit) {}

  /** @throws BacklogFullError */
  canActivate(): true {
    if (this.limit.isReached) throw new BacklogFullError();
    return true;
  }
}
