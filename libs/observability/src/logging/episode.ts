import { type Log, type LogFields } from './log.js';

export interface EpisodeSettings {
  /** The line of the first occurrence; it has the fields of that occurrence. */
  readonly began: string;
  /** Of that line; default `warn`. */
  readonly level?: 'warn' | 'error';
  /** The line of the end, at `info`; it has `count` and `durationMs`. */
  readonly ended: string;
  /** The episode ends when nothing has occurred for so long, in milliseconds. Default 5,000. */
  readonly quietMs?: number;
}

const QUIET_MS = 5_000;

/**
 * Something that occurs with each event while an outage lasts, such as a dispatch that nobody takes.
 * The log has two lines of it however many occur: one when it begins, with the reason, and one when it
 * is over, with how often and how long.
 *
 * 1. The first occurrence begins it.
 * 2. It ends `quietMs` after the last occurrence.
 * 3. No occurrence costs more than a number and the time; `fields` is called for the first one only.
 */
export class Episode {
  readonly #quietMs: number;
  #count = 0;
  #beganAt = 0;
  #lastAt = 0;

  constructor(
    private readonly log: Log,
    private readonly settings: EpisodeSettings,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.#quietMs = settings.quietMs ?? QUIET_MS;
  }

  occurred(fields: () => LogFields): void {
    this.#lastAt = this.nowMs();
    this.#count += 1;
    if (this.#count > 1) return;
    this.#beganAt = this.#lastAt;
    const { level = 'warn', began } = this.settings;
    this.log[level](fields(), began);
    this.#lookIn(this.#quietMs);
  }

  #lookIn(ms: number): void {
    setTimeout(() => {
      this.#look();
    }, ms).unref();
  }

  #look(): void {
    const quietMs = this.nowMs() - this.#lastAt;
    if (quietMs < this.#quietMs) {
      this.#lookIn(this.#quietMs - quietMs);
      return;
    }
    const durationMs = Math.round(this.#lastAt - this.#beganAt);
    this.log.info({ count: this.#count, durationMs }, this.settings.ended);
    this.#count = 0;
  }
}
