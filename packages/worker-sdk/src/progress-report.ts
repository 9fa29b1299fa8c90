import { type Progress } from './task.js';

/** The shortest time between two reports, in milliseconds: each costs a write of the activity. */
const PAUSE_MS = 1_000;
/** Flow Eventing keeps this many lines of a task, and this many characters of each, so no more are sent. */
const LINES_MAX = 20;
const LINE_CHARS_MAX = 500;

/** Collects progress and log lines, and sends them at most once a second. */
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

  /** Sends the rest. Resolves when all reports are sent, so that the result is published after them. */
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
