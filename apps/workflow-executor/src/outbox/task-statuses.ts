import { type JsonObject } from '@app/json';
import {
  type ActivityState,
  changedTasks,
  remindersIn,
  type TaskState,
} from '@app/workflow-engine';

/** The kind of entries with a new status of an activity. */
export const STATUS_ENTRY = 'status';

/** The kind of entries with new statuses of tasks of an activity. */
export const TASK_STATUS_ENTRY = 'task-status';

/** A task's new status, as an entry holds it. */
export interface TaskStatus extends JsonObject {
  readonly task: string;
  readonly status: string;
  readonly previous: string;
}

/**
 * The tasks whose status, attempt or reminder has changed by a step. A task comes after the tasks that it needs.
 * Statuses within the step are left out: a task that begins and ends in one step has only its end.
 */
export function taskStatusesOf(
  before: ActivityState | undefined,
  after: ActivityState,
): readonly TaskStatus[] {
  return changedTasks(before?.tasks ?? {}, after.tasks).flatMap(([task, state]) => {
    const previous = before?.tasks[task];
    return isSame(previous, state) ? [] : [statusOf(task, previous, state)];
  });
}

/** The tasks that wait for approval and whose reminder is due. */
export function remindersOf(
  before: ActivityState | undefined,
  after: ActivityState,
): readonly TaskStatus[] {
  if (before === undefined) return [];
  return changedTasks(before.tasks, after.tasks).flatMap(([task, state]) => {
    const previous = before.tasks[task];
    return isReminder(previous, state) ? [statusOf(task, previous, state)] : [];
  });
}

function statusOf(task: string, previous: TaskState | undefined, state: TaskState): TaskStatus {
  return { task, status: state.status, previous: previous?.status ?? 'pending', ...more(state) };
}

function isReminder(before: TaskState | undefined, after: TaskState): boolean {
  return attemptOf(before) === attemptOf(after) && reminded(before) < reminded(after);
}

function reminded(state: TaskState | undefined): number {
  return state?.status === 'waiting' ? remindersIn(state.memory ?? {}) : 0;
}

function isSame(before: TaskState | undefined, after: TaskState): boolean {
  const { status = 'pending' } = before ?? {};
  const isAsBefore = status === after.status && attemptOf(before) === attemptOf(after);
  return isAsBefore && !isReminder(before, after);
}

function attemptOf(state: TaskState | undefined): number | undefined {
  return state && 'attempt' in state ? state.attempt : undefined;
}

/** The attempt, what a task waits for, and the code of its failure. */
function more(state: TaskState): JsonObject {
  const attempt = attemptOf(state);
  const code = 'failure' in state ? state.failure.code : undefined;
  return {
    ...(attempt !== undefined && { attempt }),
    ...(state.status === 'waiting' && { waitsFor: state.on.kind }),
    ...(reminded(state) > 0 && { reminder: reminded(state) }),
    ...(code !== undefined && { code }),
  };
}
