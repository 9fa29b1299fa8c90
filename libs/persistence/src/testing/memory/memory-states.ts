import { toJsonText } from '@app/json';
import { type ActivityState } from '@app/workflow-engine';
import { type Activity, type ActivityCommit } from '../../activities/activity.js';
import { type DueClaim } from '../../activities/activity-store.js';
import { waitKeyOf } from '../../correlated-events/wait-key.js';

/**
 * The stored state after a commit. Tasks that are the same object in `before` and `state` come from the stored state,
 * as in MongoDB, so a commit whose `before` is not the stored state has a visible effect on tests.
 */
export function stateAfter(
  stored: ActivityState | undefined,
  { state, before }: ActivityCommit,
): ActivityState {
  if (before === undefined) return state;
  if (stored === undefined) throw new Error('There is no state before the first');
  const tasks = Object.entries(state.tasks).map(([name, task]) => {
    const isKept = before.tasks[name] === task;
    const kept = isKept ? stored.tasks[name] : task;
    if (kept === undefined) throw new Error(`There is no task "${name}" on record to keep`);
    return [name, kept] as const;
  });
  const results = before.results === state.results ? stored.results : state.results;
  if (toJsonText(results) !== toJsonText(state.results)) {
    throw new Error('The results on record are not those that the commit means');
  }
  return { ...state, results, tasks: Object.fromEntries(tasks) };
}

/** Whether a task waits for an event by that key, and the inbox has no event for that wait. */
export function isWaitingFor(
  { state, inbox }: Pick<Activity, 'state' | 'inbox'>,
  waitKey: string,
): boolean {
  if (inbox.some((one) => one.kind === 'event' && one.wait === waitKey)) return false;
  return Object.values(state?.tasks ?? {}).some((task) => {
    if (task.status !== 'waiting' || task.on.kind !== 'event') return false;
    const { topic, correlationKey } = task.on;
    return correlationKey !== undefined && waitKeyOf(topic, correlationKey) === waitKey;
  });
}

export function lacksAny(
  { requires = [], stateVersion = 1 }: Activity,
  features: readonly string[],
): boolean {
  if (stateVersion > 1 && !features.includes(`state:${stateVersion}`)) return true;
  return requires.some((one) => !features.includes(one));
}

export function isWanted(
  row: Activity,
  wakeAt: number,
  { now, leaseMs, owner, early }: DueClaim,
): boolean {
  const isUntouched = row.lockVersion === 1 && row.notBefore === undefined;
  if (early?.kind === 'untouched') return isUntouched && wakeAt <= now + early.withinMs;
  if (early === undefined) return wakeAt <= now;
  const isLease = wakeAt > now && wakeAt <= now + 2 * leaseMs;
  return row.leaseOwner === owner && isLease && !early.exceptIds.includes(row.id);
}
