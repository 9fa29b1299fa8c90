import { type ActivityView, type TaskView } from '../support/flow-api.js';
import { type SentEvent } from './event-sender.js';
import { type SideEffect } from './side-effects.js';

/** All that is known at the end, when no activity makes progress any more. */
export interface Evidence {
  readonly events: readonly SentEvent[];
  readonly activities: readonly ActivityView[];
  /** By idempotency key: `<activity>:<task>:<n>`. */
  readonly effects: ReadonlyMap<string, SideEffect>;
  /** The names of the tasks that call, in whatever workflow. */
  readonly callingTasks: ReadonlySet<string>;
}

/**
 * Every broken promise, in words; none if all were kept:
 * V1. An accepted event has one activity, the one that each of its receipts named.
 * V2. No activity, and no call, is of anything else; but rejected requests are on record.
 * V3. Each has succeeded: no outage of ours makes a task fail for good.
 * V4. Each task that calls was carried out under one key, and had no more keys than attempts.
 * (V5 to V7 are about what the ingress answered, in `ingress-verdict.ts`.)
 */
export function brokenPromises(evidence: Evidence): readonly string[] {
  const { events, activities, effects, callingTasks } = evidence;
  const runs = activities.filter(({ refusal }) => refusal === undefined);
  const byEvent = groupBy(runs, keyOfEventIn);
  const keysByTask = groupBy(effects, ([key]) => taskOf(key));
  const known = new Set(events.map(keyOfEvent));
  return [
    ...events.flatMap((event) => problemsOfEvent(event, byEvent.get(keyOfEvent(event)) ?? [])),
    ...[...byEvent.keys()]
      .filter((key) => !known.has(key))
      .map((key) => `V2: an activity of ${key}, which nobody sent`),
    ...strayCalls(runs, effects),
    ...runs.flatMap((activity) => [
      ...endProblems(activity),
      ...activity.tasks
        .filter(({ name }) => callingTasks.has(name))
        .flatMap((task) =>
          callProblems(activity, task, keysByTask.get(`${activity.id}:${task.name}`) ?? []),
        ),
    ]),
  ];
}

/** Activities beyond the first of an event, and calls that were carried out under a further key. */
export function duplicatesIn({
  activities,
  effects,
}: Pick<Evidence, 'activities' | 'effects'>): Record<'activities' | 'calls', number> {
  const runs = activities.filter(({ refusal }) => refusal === undefined);
  const done = [...effects].filter(([, effect]) => effect.done);
  return {
    activities: runs.length - groupBy(runs, keyOfEventIn).size,
    calls: done.length - groupBy(done, ([key]) => taskOf(key)).size,
  };
}

function problemsOfEvent(
  { id, activityIds, rejections }: SentEvent,
  activities: readonly ActivityView[],
): readonly string[] {
  const ids = new Set([...activityIds, ...activities.map((activity) => activity.id)]);
  return [
    ...rejections.map((reason) => `V1: event ${id} was refused: ${reason}`),
    ...(activities.length === 1 ? [] : [`V1: event ${id} has ${activities.length} activities`]),
    ...(ids.size > 1 ? [`V1: event ${id} was promised ${[...ids].join(' and ')}`] : []),
  ];
}

function endProblems(activity: ActivityView): readonly string[] {
  const { id, status, failure, waitingFor } = activity;
  if (status === 'succeeded') return [];
  return [`V3: activity ${id} is ${status}: ${JSON.stringify(failure ?? waitingFor)}`];
}

function strayCalls(
  activities: readonly ActivityView[],
  effects: Evidence['effects'],
): readonly string[] {
  const tasks = new Set(
    activities.flatMap(({ id, tasks: all }) => all.map(({ name }) => `${id}:${name}`)),
  );
  return [...effects.keys()]
    .filter((key) => !tasks.has(taskOf(key)))
    .map((key) => `V2: a call under ${key}, a task of no activity`);
}

function callProblems(
  { id }: ActivityView,
  { name, attempt = 0 }: TaskView,
  keys: readonly (readonly [string, SideEffect])[],
): readonly string[] {
  const done = keys.filter(([, effect]) => effect.done).length;
  return [
    ...(done === 1 ? [] : [`V4: ${name} of activity ${id} was carried out ${done} times`]),
    ...(keys.length > attempt
      ? [`V4: ${name} of activity ${id} has ${keys.length} keys in ${attempt} attempts`]
      : []),
  ];
}

function groupBy<Key, Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => Key,
): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

function keyOfEvent({ workflowId, id }: SentEvent): string {
  return `${workflowId}/${id}`;
}

function keyOfEventIn({ workflowId, event }: ActivityView): string {
  return `${workflowId}/${event?.id ?? 'none'}`;
}

/** `<activity>:<task>` of an idempotency key. */
function taskOf(key: string): string {
  return key.slice(0, key.lastIndexOf(':'));
}
