import { type FlowMetrics, type Log } from '@app/observability';
import { type Activity, type ActivityStore } from '@app/persistence';
import { type ActiveRuns } from './active-runs.js';
import { type RunStarter } from './run-starter.js';

export interface SweeperSettings {
  /** The pause between two looks when nothing was due, in milliseconds. */
  readonly intervalMs: number;
  /** Taken at one look; also bounded by the free slots. */
  readonly claimsMax: number;
  readonly leaseMs: number;
}

/**
 * Finds what nobody tells of: due retries, activities whose executor died, dispatches that got
 * lost. It runs what it claims itself, within the same slots as everything else, and never
 * publishes, so that a long backlog can't feed itself (design section 4.9).
 */
export class Sweeper {
  #stopping = false;
  #wake: (() => void) | undefined;
  #loop: Promise<void> | undefined;
  #storeGone = false;

  constructor(
    private readonly store: ActivityStore,
    private readonly runs: ActiveRuns,
    private readonly starter: RunStarter,
    private readonly settings: SweeperSettings,
    private readonly clock: () => number,
    private readonly metrics: FlowMetrics,
    private readonly log: Log,
  ) {}

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake?.();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const limit = Math.min(this.settings.claimsMax, this.runs.free);
      const claimed = limit > 0 ? await this.#sweep(limit) : 0;
      if (claimed < limit || limit === 0) await this.#pause();
    }
  }

  /** Never rejects: whatever goes wrong, there is a next look. */
  async #sweep(limit: number): Promise<number> {
    const { owner } = this.runs;
    const { leaseMs } = this.settings;
    try {
      const due = await this.store.claimDue({ now: this.clock(), limit, leaseMs, owner });
      this.#storeGone = false;
      this.metrics.sweeperClaimed(due.length);
      await Promise.all(due.map((activity) => this.#resume(activity)));
      return due.length;
    } catch (err) {
      if (!this.#storeGone) this.log.warn({ err }, 'The sweeper has to wait for MongoDB');
      this.#storeGone = true;
      return 0;
    }
  }

  async #resume(activity: Activity): Promise<void> {
    const { id: activityId, workflowId, status } = activity;
    this.log.routine(
      () => ({ activityId, workflowId, status }),
      'Sweeper goes on with a due activity',
    );
    try {
      await this.starter.resume(activity);
    } catch (err) {
      this.log.warn({ err, activityId }, 'Not now; it is due again after the lease');
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.settings.intervalMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
