import { START_LATER, WAITS_FOR_SLOT } from '@app/workflow-engine';
import { type Model, type mongo } from 'mongoose';
import { type Backlogged, type BacklogQuery } from './activity-store.js';
import { type ActivityDocument } from './stored/activity-document.js';
import { IS_OPEN } from './stored/activity.schema.js';
import { OPEN_STATUSES } from './writing/inbox.js';

const COUNTED: readonly Backlogged[] = [...OPEN_STATUSES, 'slot'];

/**
 * Counts by the index alone. Runs with a later start have a gate of their own, by which those that are not due are
 * left out; so have runs that wait for a slot of a quota, which executors can't start.
 */
export async function countBacklog(
  activities: Model<ActivityDocument>,
  { countMax, now, statuses = COUNTED }: BacklogQuery,
): Promise<Readonly<Record<string, number>>> {
  const count = (filter: mongo.Document): Promise<number> =>
    activities.countDocuments(filter).limit(countMax);
  const countOf = async (status: Backlogged): Promise<number> => {
    if (status === 'slot') return count({ status: 'queued', gate: WAITS_FOR_SLOT, ...IS_OPEN });
    if (status !== 'queued') return count({ status, ...IS_OPEN });
    const gate = { $nin: [START_LATER, WAITS_FOR_SLOT] };
    const atOnce = await count({ status, gate, ...IS_OPEN });
    const wakeAt = { ...IS_OPEN.wakeAt, $lte: new Date(now) };
    return Math.min(countMax, atOnce + (await count({ status, gate: START_LATER, wakeAt })));
  };
  const counts = await Promise.all(
    statuses.map(async (status) => [status, await countOf(status)] as const),
  );
  return Object.fromEntries(counts);
}
