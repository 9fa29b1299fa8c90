import { type ActivityNotices } from '@app/messaging';
import { type Log } from '@app/observability';
import { type ActivityStore } from '@app/persistence';
import { type ActiveRuns } from '../driving/active-runs.js';
import { isCancelled, type RunStarter } from '../starting/run-starter.js';

export interface SignalDeliverySettings {
  /** The most activities that are read at the same time. */
  readonly deliveriesMax: number;
  /** The most ids that wait to be read; further ones are left to the sweeper. */
  readonly waitingMax: number;
}

/**
 * Makes a recorded signal take effect soon: it notifies the driver of the activity, on whichever executor that is, and
 * resumes an activity without a driver here. Correctness does not depend on it: drivers look at their inboxes by
 * themselves, and a sweeper finds activities without a driver.
 */
export class SignalDelivery {
  /** Ids of activities to read, in order. */
  readonly #waiting = new Set<string>();
  #running = 0;

  constructor(
    private readonly notices: ActivityNotices,
    private readonly runs: ActiveRuns,
    private readonly store: ActivityStore,
    private readonly starter: RunStarter,
    private readonly settings: SignalDeliverySettings,
    private readonly log: Log,
  ) {}

  /** Delivers a signal of this executor. Call it after the signal was written. */
  deliver(activityId: string): void {
    if (this.runs.notify(activityId)) return;
    this.notices.notify(activityId);
    this.takeHere(activityId);
  }

  /** Takes a notice: notifies the driver here, or resumes a run that this executor has handed over to a worker. */
  hear(activityId: string): void {
    if (!this.runs.notify(activityId) && this.runs.hasHandedOver(activityId))
      this.takeHere(activityId);
  }

  /** Reads the activity and resumes it here, unless another executor has its lease. */
  takeHere(activityId: string): void {
    if (this.#waiting.size >= this.settings.waitingMax) return;
    this.#waiting.add(activityId);
    if (this.#running < this.settings.deliveriesMax) void this.#work();
  }

  async #work(): Promise<void> {
    this.#running += 1;
    for (const activityId of this.#waiting) {
      this.#waiting.delete(activityId);
      await this.#deliverHere(activityId);
    }
    this.#running -= 1;
  }

  async #deliverHere(activityId: string): Promise<void> {
    try {
      const found = await this.store.get(activityId);
      const mayTake = found && (isCancelled(found) || this.runs.free > 0);
      if (mayTake) await this.starter.resume(found);
    } catch (err) {
      this.log.routine(() => ({ err, activityId }), 'A signal waits for the sweeper', 'warn');
    }
  }
}
