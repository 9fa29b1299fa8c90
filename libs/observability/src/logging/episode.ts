import { type Log, type LogFields } from './log.js';

export interface EpisodeSettings {
  /** The line of the first occurrence; it has the fields of that occurrence. */
  readonly began: string;
  /** The level of the line `began`; `warn` when absent. */
  readonly level?: 'warn' | 'error';
  /** The line of the end, at `info`; it has `count` and `durationMs`. */
  readonly ended: string;
  /** The episode ends this many milliseconds after the last occurrence; 5,000 when absent. */
  readonly quietMs?: number;
}

const QUIET_MS = 5_000;

/**
 * Logs a failure that occurs with each event while an outage lasts, such as a dispatch that no executor takes. The log
 * has two lines of an episode, however many failures occur: one at its begin, with the reason, and one at its end, with
 * their number and the duration.
 *
 * 1. The first occurrence begins an episode.
 * 2. The episode ends `quietMs` after the last occurrence.
 * 3. Further occurrences only update a count and a time; `fields` is called for the first one only.
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
