import { type TaskState, WAITS_FOR_SLOT } from '@app/workflow-engine';
import { type Activity } from '../../activities/activity.js';
import {
  type ActivityPage,
  type ActivityQuery,
  type BacklogQuery,
  type ListedActivity,
} from '../../activities/activity-store.js';
import { pageOf } from './memory-page.js';

/**
 * One page of the activities of a query: those of an open status by `wakeAt`, and of the same time the first accepted
 * first; all others newest first.
 */
export function activityPage(rows: readonly Activity[], query: ActivityQuery): ActivityPage {
  const { workflowId, status, refused, limit, cursor } = query;
  const isOpen = status !== undefined && ['queued', 'running', 'waiting'].includes(status);
  const asked = rows
    .filter((one) => workflowId === undefined || one.workflowId === workflowId)
    .filter((one) => status === undefined || one.status === status)
    .filter((one) => refused === undefined || (one.refusal !== undefined) === refused);
  const { page, ...next } = pageOf(asked, {
    limit,
    cursor,
    order: isOpen ? 'ascending' : 'descending',
    placeOf: ({ wakeAt = 0, createdAt, id }) => [...(isOpen ? [wakeAt] : []), createdAt, id],
    kinds: [...(isOpen ? ['number'] : []), 'number', 'string'],
  });
  return { activities: page.map(listed), ...next };
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

/**
 * The number of activities by status, each up to `countMax`. A queued one that waits for a slot counts as `slot`; one
 * that begins later is not counted.
 */
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
