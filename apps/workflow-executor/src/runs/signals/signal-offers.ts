import { type Activity, type ActivityStore } from '@app/persistence';
import { isFinal, type Signal } from '@app/workflow-engine';
import { isAnsweredBy } from '../../outbox/answered-entry.js';
import { type ActiveRuns } from '../driving/active-runs.js';
import { OfferedSignal } from '../driving/offered-signal.js';
import { standingOf } from '../driving/standing-of.js';
import { type RunStarter } from '../starting/run-starter.js';

/** A driver that is about to leave takes nothing more: then it is offered again. */
const TRIES_MAX = 3;

/**
 * Has a signal that somebody keeps until then taken by the commit of the step that it makes, without a write of its
 * own before: by the driver that has the activity here, or by a new one. What another executor works on is left: the
 * inbox is how its driver hears of it.
 */
export class SignalOffers {
  constructor(
    private readonly store: Pick<ActivityStore, 'get'>,
    private readonly runs: ActiveRuns,
    private readonly starter: RunStarter,
  ) {}

  /**
   * Whether what it changes is on record; nothing of what is over changes any more.
   * @throws StoreUnavailableError when it is unknown whether it is
   */
  async take(activityId: string, signal: Signal): Promise<boolean> {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const offered = new OfferedSignal(signal);
      if (!this.runs.offer(activityId, offered)) {
        const found = await this.store.get(activityId);
        // What never began has nobody who could answer it.
        if (found?.state === undefined) return false;
        if (isFinal(found.status)) return true;
        await this.starter.resume(withoutIdleLease(found, signal), offered);
        if (!offered.isHeld) return false;
      }
      if (await offered.isTaken) return true;
    }
    return false;
  }
}

/**
 * Whoever has the lease only for what this answers has nothing left to do with it: its next write would find the
 * record newer, and it leaves.
 */
function withoutIdleLease(found: Activity, signal: Signal): Activity {
  const { leaseOwner, ...free } = found;
  const { state, outbox = [] } = found;
  if (state === undefined || outbox.length === 0) return found;
  const isIdle =
    standingOf(state) === 'waiting' && outbox.every((entry) => isAnsweredBy(entry, signal));
  return isIdle ? free : found;
}
