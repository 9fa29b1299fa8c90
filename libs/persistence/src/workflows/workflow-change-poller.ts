import { type WorkflowCache } from './workflow-cache.js';
import { type WorkflowChange, type WorkflowStore } from './workflow-store.js';

/**
 * How far behind the newest change each look goes, in milliseconds: a change may be seen later than
 * one with a later time, and another primary may have another clock.
 */
const OVERLAP_MS = 10_000;

/** Changes in one query; if there are more, the poll continues after the last of them. */
const CHANGES_MAX = 1_000;

/**
 * Keeps the cache up to date by polling: each process queries the store several times a second for
 * recent changes, which is one scan of an index, however much else is written. A change stream would
 * be faster, but each one reads the log of all writes: a hundred processes would read every event a
 * hundred times.
 */
export class WorkflowChangePoller {
  /** The changes that were seen within the overlap, by workflow. */
  #seen = new Map<string, WorkflowChange>();
  #newest: number | undefined;
  /** When the newest change was first seen, by the clock of this process. */
  #newestSeenAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    private readonly store: WorkflowStore,
    private readonly workflows: WorkflowCache,
    private readonly pollMs: number,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  start(): void {
    if (!this.#stopped)
      this.#timer = setTimeout(() => void this.#pollAndGoOn(), this.pollMs).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** @throws StoreUnavailableError */
  async poll(): Promise<void> {
    // The cache is empty before the first poll, so earlier changes do not matter.
    this.#newest ??= (await this.store.lastChangeAt()) ?? 0;
    // After this time without a change none with an earlier time can follow, so a burst is not read again and again.
    const isQuiet = this.monotonicMs() - this.#newestSeenAt > 2 * OVERLAP_MS;
    let from = isQuiet ? this.#newest : this.#newest - OVERLAP_MS;
    const seen = new Map<string, WorkflowChange>();
    let changes: readonly WorkflowChange[];
    do {
      changes = await this.store.changesSince(from, CHANGES_MAX);
      for (const change of changes) {
        const { id, lockVersion, changedAt } = change;
        if (this.#seen.get(id)?.lockVersion !== lockVersion)
          this.workflows.changed(id, lockVersion);
        if (changedAt > this.#newest) this.#newestSeenAt = this.monotonicMs();
        this.#newest = Math.max(this.#newest, changedAt);
        seen.set(id, change);
      }
      from = Math.max(from + 1, changes.at(-1)?.changedAt ?? from);
    } while (changes.length === CHANGES_MAX);
    this.#seen = seen;
  }

  async #pollAndGoOn(): Promise<void> {
    try {
      await this.poll();
    } catch {
      // The link reports the outage. The first poll after it finds the changes that were missed.
    }
    this.start();
  }
}
