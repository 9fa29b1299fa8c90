import { type Model } from 'mongoose';
import { type MongoLink } from '../connection/mongo-link.js';
import { toCursor } from '../storage/cursor.js';
import { toPlace } from './activity-list.js';
import { type ChildActivity, type ChildrenPage } from './activity-store.js';
import { type ActivityDocument } from './stored/activity-document.js';
import { ACTIVITIES } from './stored/activity.schema.js';

const FIELDS = { workflowId: 1, status: 1, createdAt: 1, parent: 1, 'run.endedAt': 1 } as const;

type Child = Pick<ActivityDocument, '_id' | 'workflowId' | 'status' | 'createdAt' | 'parent'> & {
  readonly run?: { readonly endedAt?: number };
};

/** One page of children, by a scan of the index `by_parent` from the end of the page before. */
export async function childrenOf(
  activities: Model<ActivityDocument>,
  parent: string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): Promise<ChildrenPage> {
  const place = cursor === undefined ? undefined : toPlace(cursor);
  const at = new Date(place?.at ?? 0);
  const behind = place && {
    createdAt: { $gte: at },
    $nor: [{ createdAt: at, _id: { $lte: place.id } }],
  };
  const found = await activities
    .find({ 'parent.activity': parent, ...behind }, FIELDS)
    .sort({ createdAt: 1, _id: 1 })
    .limit(limit + 1)
    .lean<readonly Child[]>();
  const children = found.slice(0, limit).map(toChild);
  const last = children.at(-1);
  return found.length > limit && last
    ? { children, nextCursor: toCursor([last.createdAt, last.id]) }
    : { children };
}

/** One conditional write; if it matched nothing, a read finds the reason. */
export async function countDescendant(
  link: MongoLink,
  root: string,
  countMax: number,
): Promise<'counted' | 'full' | 'not-found'> {
  return link.run('count what runs have begun', async (db) => {
    const activities = db.collection<ActivityDocument>(ACTIVITIES);
    const { matchedCount } = await activities.updateOne(
      { _id: root, descendants: { $not: { $gte: countMax } } },
      { $inc: { descendants: 1 } },
    );
    if (matchedCount === 1) return 'counted';
    const found = await activities.findOne({ _id: root }, { projection: { _id: 1 } });
    return found ? 'full' : 'not-found';
  });
}

function toChild({ _id, workflowId, status, createdAt, parent, run }: Child): ChildActivity {
  const endedAt = run?.endedAt;
  return {
    id: _id,
    workflowId,
    status,
    createdAt: createdAt.getTime(),
    parent,
    ...(endedAt !== undefined && { endedAt }),
  };
}
