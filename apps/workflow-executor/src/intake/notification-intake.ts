import { type ActivityNotices } from '@app/messaging';
import { type ActivityStore } from '@app/persistence';
import { type ActiveRuns } from '../runs/driving/active-runs.js';
import { type RunStarter } from '../runs/starting/run-starter.js';

/** Takes notifications of activities from NATS and HTTP. */
export class NotificationIntake {
  constructor(
    private readonly store: ActivityStore,
    private readonly starter: RunStarter,
    private readonly runs: ActiveRuns,
    private readonly notices: ActivityNotices,
  ) {}

  /**
   * Makes the driver of the activity, here or on another executor, read its record; resumes it if it has none.
   * @throws StoreUnavailableError, ExecutorStoppingError: the message must be redelivered
   */
  async take(activityId: string): Promise<void> {
    if (this.runs.notify(activityId)) return;
    const found = await this.store.get(activityId);
    if (!found) return;
    if (found.leaseOwner !== undefined) this.notices.notify(activityId);
    await this.starter.resume(found);
  }
}
