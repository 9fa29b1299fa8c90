import { type CloudEvent, type TriggerKind } from '@app/events';
import { type ActivityParent } from '@app/persistence';
import {
  type ActivityState,
  type Advance,
  isFinal,
  type OutboxEntry,
  postTo,
} from '@app/workflow-engine';
import {
  remindersOf,
  STATUS_ENTRY,
  TASK_STATUS_ENTRY,
  type TaskStatus,
  taskStatusesOf,
} from './task-statuses.js';

/** The state and the outbox of the activity before the step. */
interface Before {
  readonly state?: ActivityState;
  readonly outbox: readonly OutboxEntry[];
}

/** The facts of the activity that status events name. */
export interface EntryFacts {
  readonly trigger?: TriggerKind | undefined;
  readonly event?: CloudEvent | undefined;
  /** The run whose task began it, if one did. */
  readonly parent?: ActivityParent | undefined;
}

/** Adds entries to the outbox of a step. One commit writes the step and the entries. */
export type AddEntries = (
  before: Before,
  step: Advance,
  now: number,
  origin: EntryFacts,
) => Advance;

type Draft = Pick<OutboxEntry, 'kind' | 'key' | 'payload'>;

/**
 * The share of the outbox that status events may fill. The rest is for requests of tasks, which fail without room.
 */
const ROOM_SHARE = 0.5;

/** The largest number of tasks in one entry, which is delivered as a whole. */
const TASKS_PER_ENTRY = 100;

/**
 * Adds an entry for each new status of an activity, and for reminders of its tasks. With `withTasks` it adds the new
 * statuses of its tasks as well. While the outbox is filled to `ROOM_SHARE`, only the entries of the end are added;
 * `left` is called for each entry that is left out.
 */
export function statusEntries(left: () => void, withTasks = false): AddEntries {
  return ({ state: before, outbox: pending }, step, now) => {
    const ofRun = runDrafts(before, step.state);
    const newsOf = withTasks ? taskStatusesOf : remindersOf;
    const ofTasks = taskDrafts(newsOf(before, step.state));
    if (ofRun.length + ofTasks.length === 0) return step;
    // A run begins before its tasks and ends because of them, so their statuses are between its own.
    const isEnd = isFinal(step.state.status);
    let added = step;
    for (const draft of isEnd ? [...ofTasks, ...ofRun] : [...ofRun, ...ofTasks]) {
      const next = postTo(added, draft, pending, now, ROOM_SHARE);
      if (next === undefined) left();
      else added = next;
    }
    return added;
  };
}

function runDrafts(
  before: ActivityState | undefined,
  { status, failure }: ActivityState,
): readonly Draft[] {
  const previous = before?.status ?? 'queued';
  if (status === previous) return [];
  const { code = null } = failure ?? {};
  const payload = { status, previous, code };
  return [{ kind: STATUS_ENTRY, key: STATUS_ENTRY, payload }];
}

function taskDrafts(news: readonly TaskStatus[]): readonly Draft[] {
  const parts = Array.from({ length: Math.ceil(news.length / TASKS_PER_ENTRY) }, (_, part) =>
    news.slice(part * TASKS_PER_ENTRY, (part + 1) * TASKS_PER_ENTRY),
  );
  // The same key as the statuses of the run, so that they keep one order.
  return parts.map((tasks) => ({
    kind: TASK_STATUS_ENTRY,
    key: STATUS_ENTRY,
    payload: { tasks },
  }));
}
