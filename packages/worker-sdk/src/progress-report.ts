import { type Progress } from './task.js';

/** Between two, in milliseconds: each costs the activity a write. */
const PAUSE_MS = 1_000;
/** What is kept; more would be sent for nothing. */
const LINES_MAX = 20;
const LINE_CHARS_MAX = 500;

/** Collects progress and lines of a log, and sends what there is once a second at most. */
export class ProgressReport {
  #progress: Progress | undefined;
  #lines: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();
  #sentAt = -Infinity;
  #closed = false;

  /** @param send never rejects */
  constructor(private readonly send: (data: object) => Promise<void>) {}

  tell(progress: Progress): void {
    this.#progress = { ...this.#progress, ...progress };
    this.#soon();
  }

  log(line: string): void {
    this.#lines = [...this.#lines, line.slice(0, LINE_CHARS_MAX)].slice(-LINES_MAX);
    this.#soon();
  }

  /** Sends what is left. Resolves when all of it is there: the result must not come before it. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#flush();
    await this.#sending;
  }

  #soon(): void {
    if (this.#closed) return;
    const waitMs = Math.max(0, this.#sentAt + PAUSE_MS - performance.now());
    this.#timer ??= setTimeout(() => {
      this.#flush();
    }, waitMs);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const [progress, lines] = [this.#progress, this.#lines];
    if (progress === undefined && lines.length === 0) return;
    this.#progress = undefined;
    this.#lines = [];
    this.#sentAt = performance.now();
    this.#sending = this.#sending.then(() => this.send({ ...progress, lines }));
  }
}
