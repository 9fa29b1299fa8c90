import { type ActivityStore } from '../activities/activity-store.js';
import { type Workflow } from '../workflows/workflow.js';
import { type QuotaPlace, type RunQuotas } from './run-quotas.js';

/**
 * The place of a run under its id; undefined where no quota is set, and for one that is on record already, which
 * had its place: what comes twice is answered as it was the first time, however full the month is.
 * @throws QuotaExceededError
 */
export async function placeFor(
  id: string,
  workflow: Pick<Workflow, 'id' | 'quotas'>,
  at: number,
  parts: {
    readonly quotas: Pick<RunQuotas, 'limitOf' | 'place'>;
    readonly activities: Pick<ActivityStore, 'statusOf'>;
  },
): Promise<QuotaPlace | undefined> {
  const { quotas, activities } = parts;
  if (quotas.limitOf(workflow) === 0) return undefined;
  return quotas.place(workflow, at, async () => (await activities.statusOf(id)) !== undefined);
}
