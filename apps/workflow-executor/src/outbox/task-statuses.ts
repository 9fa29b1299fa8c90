import { type JsonObject } from '@app/json';
import { type ActivityState, type TaskState } from '@app/workflow-engine';

/** The kind of entries that tell of a new status of an activity. */
export const STATUS_ENTRY = 'status';

/** The kind of entries that tell of new statuses of its tasks. */
export const TASK_STATUS_ENTRY = 'task-status';

/** A task's new status, as an entry has it. */
export interface TaskStatus extends JsonObject {
  readonly task: string;
  readonly status: string;
  readonly previous: string;
}

/**
 * The tasks that have another status, or another attempt, after a step, each after those that it needs. What a
 * task was within the step is not told: one that never waits has only its end.
 */
export function taskStatusesOf(
  before: ActivityState | undefined,
  after: ActivityState,
): readonly TaskStatus[] {
  if (before?.tasks === after.tasks) return [];
  return Object.entries(after.tasks).flatMap(([task, state]) => {
    const previous = before?.tasks[task];
    if (isSame(previous, state)) return [];
    return [
      { task, status: state.status, previous: previous?.status ?? 'pending', ...more(state) },
    ];
  });
}

function isSame(before: TaskState | undefined, after: TaskState): boolean {
  const { status = 'pending' } = before ?? {};
  return status === after.status && attemptOf(before) === attemptOf(after);
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
    ...(code !== undefined && { code }),
  };
}
