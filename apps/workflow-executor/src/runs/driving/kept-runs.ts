import { InFlightMap } from '@app/collections';
import { activityBytes } from '@app/persistence';
import { type Run } from './run.js';

type Kept = Required<Pick<Run, 'bytes'>> & Run;

/**
 * Runs as their drivers left them on record, within a bound of bytes, so that a signal that comes to this executor
 * continues a run without a read. What is kept may have become outdated, which the first commit finds out by the lock
 * version. Beyond the bound the newer runs are not kept.
 */
export class KeptRuns {
  readonly #runs = new InFlightMap<string, Kept>();
  /** Those that are kept for a time, by their age in turns of the timer. */
  #young = new Set<string>();
  #old = new Set<string>();
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param briefMs how long `keepBriefly` keeps a run at least, in milliseconds */
  constructor(
    private readonly bytesMax: number,
    private readonly briefMs = 0,
  ) {}

  runOf(id: string): Run | undefined {
    return this.#runs.get(id);
  }

  keep(run: Run): void {
    const { activityId: id } = run;
    this.forget(id);
    const bytes = run.bytes ?? activityBytes(run.found ?? run.origin);
    if (this.#bytes + bytes > this.bytesMax) return;
    this.#bytes += bytes;
    this.#runs.set(id, { ...run, bytes });
  }

  /** Keeps the run until it is continued, for `briefMs` and up to twice as long. */
  keepBriefly(run: Run): void {
    this.keep(run);
    this.#old.delete(run.activityId);
    if (!this.#runs.has(run.activityId)) return;
    this.#young.add(run.activityId);
    if (!this.#timer) this.#wait();
  }

  forget(id: string): void {
    this.#young.delete(id);
    this.#old.delete(id);
    const kept = this.#runs.get(id);
    if (kept === undefined) return;
    this.#runs.delete(id);
    this.#bytes -= kept.bytes;
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      for (const id of this.#old) this.forget(id);
      this.#old = this.#young;
      this.#young = new Set();
      if (this.#old.size > 0) this.#wait();
    }, this.briefMs);
  }
}
