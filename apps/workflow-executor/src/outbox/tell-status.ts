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

/** What is on record while a step is about to be written. */
interface Before {
  readonly state?: ActivityState;
  readonly outbox: readonly OutboxEntry[];
}

/** The activity, as far as it says what there is to tell. */
export interface TellOrigin {
  readonly trigger?: TriggerKind | undefined;
  readonly event?: CloudEvent | undefined;
  /** The run whose task began it, if one did. */
  readonly parent?: ActivityParent | undefined;
}

/** Adds to a step what it has to tell, for the commit that writes both. */
export type Tell = (before: Before, step: Advance, now: number, origin: TellOrigin) => Advance;

type Draft = Pick<OutboxEntry, 'kind' | 'key' | 'payload'>;

/** Of the room of an outbox: the other half is for what tasks ask for, which fail without. */
const ROOM_SHARE = 0.5;

/** So many tasks are told of by one entry, which is delivered as a whole. */
const TASKS_PER_ENTRY = 100;

/**
 * Tells of each new status that an activity has on record, in order, and of reminders; and of its tasks, if it `tellsTasks`. While
 * its outbox is half full only the end is told; `left` hears of each entry that is not.
 */
export function tellStatus(left: () => void, tellsTasks = false): Tell {
  return ({ state: before, outbox: pending }, step, now) => {
    const ofRun = runDrafts(before, step.state);
    const newsOf = tellsTasks ? taskStatusesOf : remindersOf;
    const ofTasks = taskDrafts(newsOf(before, step.state));
    if (ofRun.length + ofTasks.length === 0) return step;
    // What became of its tasks is why a run ends, and a run begins before they do.
    const isEnd = isFinal(step.state.status);
    let told = step;
    for (const draft of isEnd ? [...ofTasks, ...ofRun] : [...ofRun, ...ofTasks]) {
      const next = postTo(told, draft, pending, now, ROOM_SHARE);
      if (next === undefined) left();
      else told = next;
    }
    return told;
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
  // In one line with the statuses of the run.
  return parts.map((tasks) => ({
    kind: TASK_STATUS_ENTRY,
    key: STATUS_ENTRY,
    payload: { tasks },
  }));
}
