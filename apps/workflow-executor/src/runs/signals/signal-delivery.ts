import { type ActivityNotices } from '@app/messaging';
import { type Log } from '@app/observability';
import { type ActivityStore } from '@app/persistence';
import { type ActiveRuns } from '../driving/active-runs.js';
import { isCancelled, type RunStarter } from '../starting/run-starter.js';

export interface SignalDeliverySettings {
  /** Activities that are looked at here at the same time. */
  readonly deliveriesMax: number;
  /** Ids that wait for that; what is beyond it is left to the sweeper. */
  readonly waitingMax: number;
}

/**
 * Sees to it that a signal which is on record is soon taken: by the driver that has the activity, on
 * whichever executor that is, or else here. Nobody waits for it, and nothing depends on it: a driver
 * looks at its inbox by itself, and a sweeper finds what nobody drives.
 */
export class SignalDelivery {
  /** In the order they came; an id that is there already is not added. */
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

  /** Call it after the signal was written. */
  deliver(activityId: string): void {
    if (this.runs.notify(activityId)) return;
    this.notices.notify(activityId);
    this.takeHere(activityId);
  }

  /** Somebody tells of a signal: it is for whoever works on the run here, or has handed it over. */
  hear(activityId: string): void {
    if (!this.runs.notify(activityId) && this.runs.hasHandedOver(activityId))
      this.takeHere(activityId);
  }

  /** The same of what nobody here works on, and nobody else can. */
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
      this.log.routine(() => ({ err, activityId }), 'A signal has to wait for the sweeper', 'warn');
    }
  }
}
