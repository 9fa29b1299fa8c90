import { type TaskState, WAITS_FOR_SLOT } from '@app/workflow-engine';
import { type Activity } from '../../activities/activity.js';
import {
  type ActivityPage,
  type ActivityQuery,
  type BacklogQuery,
  type ListedActivity,
} from '../../activities/activity-store.js';
import { CursorInvalidError } from '../../errors.js';

/** Where a page ended: how the next one begins. */
interface Place {
  readonly at: number;
  readonly id: string;
}

/** One page of rows, by sorting all of them; nothing of how MongoDB is asked for it. */
export function pageOf(rows: readonly Activity[], query: ActivityQuery): ActivityPage {
  const { workflowId, status, refused, limit, cursor } = query;
  const isOpen = status !== undefined && ['queued', 'running', 'waiting'].includes(status);
  const timeOf = (one: ListedActivity): number => (isOpen ? (one.wakeAt ?? 0) : one.createdAt);
  const after = cursor === undefined ? undefined : placeIn(cursor);
  const sorted = rows
    .filter((one) => workflowId === undefined || one.workflowId === workflowId)
    .filter((one) => status === undefined || one.status === status)
    .filter((one) => refused === undefined || (one.refusal !== undefined) === refused)
    .map((one) => ({ one, at: timeOf(one), id: one.id }))
    .sort((a, b) => (isOpen ? compare(a, b) : compare(b, a)));
  const rest = sorted.filter((row) => {
    if (after === undefined) return true;
    return isOpen ? compare(row, after) > 0 : compare(row, after) < 0;
  });
  const page = rest.slice(0, limit);
  const activities = page.map(({ one }) => listed(one));
  const last = page.at(-1);
  if (last === undefined || rest.length <= limit) return { activities };
  return { activities, nextCursor: cursorOf(last) };
}

function compare(a: Place, b: Place): number {
  if (a.at !== b.at) return a.at - b.at;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}

function cursorOf({ at, id }: Place): string {
  return Buffer.from(JSON.stringify({ at, id })).toString('base64url');
}

function placeIn(cursor: string): Place {
  try {
    const place = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Partial<Place>;
    const { at, id } = place;
    if (typeof at === 'number' && typeof id === 'string') return { at, id };
  } catch {
    // Not one of ours: as below.
  }
  throw new CursorInvalidError();
}

function listed({ event: _, state, outbox, ...rest }: Activity): ListedActivity {
  const entries = outbox?.map((entry) => ({ ...entry, payload: null }));
  const activity = { ...rest, ...(entries && { outbox: entries }) };
  if (!state) return activity;
  const tasks = Object.entries(state.tasks).map(([name, task]): [string, TaskState] => [
    name,
    'results' in task ? { ...task, results: {} } : task,
  ]);
  return { ...activity, state: { ...state, results: {}, tasks: Object.fromEntries(tasks) } };
}

/** By status, each up to `countMax`; what waits for a slot is counted as that, what is to begin later not at all. */
export function countBacklog(
  rows: Iterable<Pick<Activity, 'status' | 'requires' | 'notBefore'>>,
  { countMax, now, statuses = ['queued', 'running', 'waiting', 'slot'] }: BacklogQuery,
): Readonly<Record<string, number>> {
  const counts: Record<string, number> = Object.fromEntries(statuses.map((one) => [one, 0]));
  for (const { status, requires = [], notBefore = 0 } of rows) {
    const waits = status === 'queued' && requires.includes(WAITS_FOR_SLOT);
    const as = waits ? 'slot' : status;
    const count = as === 'queued' && notBefore > now ? undefined : counts[as];
    if (count !== undefined) counts[as] = Math.min(countMax, count + 1);
  }
  return counts;
}
