import { type Activity, type ActivityStore } from '@app/persistence';
import { isFinal, type Signal } from '@app/workflow-engine';
import { isAnsweredBy } from '../../outbox/answered-entry.js';
import { type ActiveRuns } from '../driving/active-runs.js';
import { OfferedSignal } from '../driving/offered-signal.js';
import { phaseOf } from '../driving/run-phase.js';
import { type RunStarter } from '../starting/run-starter.js';

/** How often a signal is offered: a driver that is about to end does not take it. */
const TRIES_MAX = 3;

/**
 * Hands a signal directly to the driver of an activity here, or to a new driver. The driver's next commit records the
 * signal together with the step that it causes, which saves the write to the inbox; until then the caller keeps the
 * signal. If another executor drives the activity, the caller has to write the signal to the inbox.
 */
export class SignalOffers {
  constructor(
    private readonly store: Pick<ActivityStore, 'get'>,
    private readonly runs: ActiveRuns,
    private readonly starter: RunStarter,
  ) {}

  /**
   * Offers a signal to the activity's driver.
   * @returns true if the effect of the signal is recorded, or the activity has ended
   * @throws StoreUnavailableError if it is unknown whether the effect is recorded
   */
  async take(activityId: string, signal: Signal): Promise<boolean> {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const offered = new OfferedSignal(signal);
      const isHere =
        this.runs.offer(activityId, offered) || (await this.runs.continueWith(activityId, offered));
      if (!isHere) {
        const found = await this.store.get(activityId);
        // A run that has not begun has no task that the signal could answer.
        if (found?.state === undefined) return false;
        if (isFinal(found.status)) return true;
        await this.starter.resume(withoutIdleLease(found, signal), { offered });
        if (!offered.isHeld) return false;
      }
      if (await offered.isTaken) return true;
    }
    return false;
  }
}

/**
 * The activity without its lease, if the lease only covers the delivery of the task that this signal answers. Its owner
 * has nothing left to do; its next write fails on the lock version, and its driver ends.
 */
function withoutIdleLease(found: Activity, signal: Signal): Activity {
  const { leaseOwner, ...free } = found;
  const { state, outbox = [] } = found;
  if (state === undefined || outbox.length === 0) return found;
  const isIdle =
    phaseOf(state) === 'waiting' && outbox.every((entry) => isAnsweredBy(entry, signal));
  return isIdle ? free : found;
}
