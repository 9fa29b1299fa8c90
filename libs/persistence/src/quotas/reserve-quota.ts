import { type ActivityStore } from '../activities/activity-store.js';
import { type Workflow } from '../workflows/workflow.js';
import { type QuotaReservation, type RunQuotas } from './run-quotas.js';

/**
 * Reserves a place in the workflow's quota for the run with this id. Undefined when the workflow has no quota, or
 * when the run is on record already: a repeated event gets the answer of the first, however full the month is.
 * @param at when the event was accepted, in milliseconds since 1970
 * @throws QuotaExceededError
 */
export async function reserveQuota(
  id: string,
  workflow: Pick<Workflow, 'id' | 'quotas'>,
  at: number,
  parts: {
    readonly quotas: Pick<RunQuotas, 'limitOf' | 'reserve'>;
    readonly activities: Pick<ActivityStore, 'statusOf'>;
  },
): Promise<QuotaReservation | undefined> {
  const { quotas, activities } = parts;
  if (quotas.limitOf(workflow) === 0) return undefined;
  return quotas.reserve(workflow, at, async () => (await activities.statusOf(id)) !== undefined);
}
