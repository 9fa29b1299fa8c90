import { type mongo } from 'mongoose';
import { type ActivityDocument } from '../activities/stored/activity-document.js';

export type Related = Pick<ActivityDocument, '_id' | 'parent' | 'retryOf' | 'wakeAt'>;

/**
 * Those of these ended activities that another one on record still needs:
 *
 * - A child is needed by its parent until that has ended: a `map` gathers the results of all its runs at its end.
 * - A retry is needed by the run that it retries: without it, the same request would run the tasks once more.
 *
 * The others are read by their ids, with one query.
 */
export async function neededByOthers(
  activities: mongo.Collection<ActivityDocument>,
  ended: readonly Related[],
): Promise<ReadonlySet<string>> {
  const others = new Set(ended.flatMap((one) => [parentOf(one), retriedBy(one)]));
  others.delete(undefined);
  if (others.size === 0) return new Set();
  const found = await activities
    .find({ _id: { $in: [...others] as string[] } })
    .project<Pick<Related, '_id' | 'wakeAt'>>({ wakeAt: 1 })
    .toArray();
  const onRecord = new Map(found.map(({ _id, wakeAt }) => [_id, { isOpen: wakeAt !== undefined }]));
  const isNeeded = (one: Related): boolean =>
    onRecord.get(parentOf(one) ?? '')?.isOpen === true || onRecord.has(retriedBy(one) ?? '');
  return new Set(ended.filter(isNeeded).map(({ _id }) => _id));
}

/** The run with the task that waits for the end of this one. */
function parentOf({ parent }: Related): string | undefined {
  return parent?.waits === true ? parent.activity : undefined;
}

function retriedBy({ retryOf }: Related): string | undefined {
  return retryOf?.activity;
}
