import { type Activity, activityBytes, type ActivityStore } from '@app/persistence';
import { earlierRunOf, type Failure, isFinal, workflowFailure } from '@app/workflow-engine';
import { type EarlierRunRead } from '../driving/run.js';
import { type Plans } from './plans.js';

type Retry = Pick<Activity, 'workflowId' | 'workflowRevision' | 'retryOf'>;

/** Reads the results that a retry takes over from the earlier run. */
export class EarlierRuns {
  constructor(
    private readonly activities: Pick<ActivityStore, 'get'>,
    private readonly plans: Pick<Plans, 'definitionOf'>,
  ) {}

  /**
   * Undefined for a run that is no retry.
   * @throws StoreUnavailableError
   */
  async of({
    workflowId,
    workflowRevision,
    retryOf,
  }: Retry): Promise<EarlierRunRead | Failure | undefined> {
    if (retryOf?.from !== 'failed') return undefined;
    const before = await this.activities.get(retryOf.activity);
    if (!before || !isFinal(before.status)) return gone(retryOf.activity);
    const [then, now] = await Promise.all([
      this.plans.definitionOf(workflowId, before.workflowRevision),
      this.plans.definitionOf(workflowId, workflowRevision),
    ]);
    if (!then || !now) return gone(retryOf.activity);
    const state = before.state ?? { tasks: {} };
    return { run: earlierRunOf(state, then, now), bytes: activityBytes(before) };
  }
}

/** The failure of a retry whose earlier run is gone. Beginning from the start instead would repeat its calls. */
function gone(activity: string): Failure {
  const message =
    `The retry continues activity "${activity}", and that activity or its revision is not on record any ` +
    'more; retry it from the start';
  return workflowFailure('RETRY_ORIGIN_GONE', message);
}
