import { FAILURE_MESSAGE_CHARS_MAX } from '../bounds.js';

/** Why an activity or a task did not succeed. `code` is stable and in docs/errors.md. */
export interface Failure {
  readonly level: 'workflow' | 'task';
  readonly code: string;
  readonly message: string;
  /** The task that caused it, for `level: 'task'`. */
  readonly task?: string;
}

/**
 * The codes that the engine itself puts into a `Failure`. An executor adds its own for what happens
 * outside (a refused connection, an HTTP status). Stable; docs/errors.md lists each.
 */
export const FAILURE_CODES = {
  /** The state of the run is larger than its record may be. */
  ACTIVITY_TOO_LARGE: 'ACTIVITY_TOO_LARGE',
  /** A run that a task began did not succeed. */
  CHILD_FAILED: 'CHILD_FAILED',
  /** No slot was free, and the workflow's `whenFull` does not let the run wait. */
  CONCURRENCY_FULL: 'CONCURRENCY_FULL',
  /** Another run with its key waits already (`join-waiting`). */
  CONCURRENCY_JOINED: 'CONCURRENCY_JOINED',
  /** A later run with its key waits instead (`replace-waiting`). */
  CONCURRENCY_REPLACED: 'CONCURRENCY_REPLACED',
  /** The run was cancelled. */
  CANCELLED: 'CANCELLED',
  /** The patterns of a decision, times the length of its value, exceed `PATTERN_STEPS_MAX`. */
  DECISION_TOO_COMPLEX: 'DECISION_TOO_COMPLEX',
  /** The engine threw an unexpected error for this run. */
  ENGINE_DEFECT: 'ENGINE_DEFECT',
  /** Executors died or gave up on the run too often without any progress. */
  EXECUTION_BROKE_OFF: 'EXECUTION_BROKE_OFF',
  /** No path from `start` to `end` survived, though no task failed: a decision chose nothing. */
  END_NOT_REACHED: 'END_NOT_REACHED',
  /** A task releases a lock that its run does not hold. */
  LOCK_NOT_HELD: 'LOCK_NOT_HELD',
  /** The outbox of the run would have more than `OUTBOX_ENTRIES_MAX` entries. */
  OUTBOX_FULL: 'OUTBOX_FULL',
  /** The event that a task waited for has the outcome `failed`. */
  EVENT_FAILED: 'EVENT_FAILED',
  /** The resolved value of a parameter is not valid for its task, or one that an event brings not for its workflow. */
  PARAM_INVALID: 'PARAM_INVALID',
  /** The event brings no value for a required parameter of the workflow. */
  PARAM_MISSING: 'PARAM_MISSING',
  /** Runs that a `map` task began for the items of a list did not succeed. */
  MAP_FAILED: 'MAP_FAILED',
  /** A task's parameters, once resolved, exceed `RESOLVED_PARAMS_CHARS_MAX`. */
  PARAM_TOO_LARGE: 'PARAM_TOO_LARGE',
  /** A `$(...)` names a value that this run does not have. */
  PARAM_UNRESOLVED: 'PARAM_UNRESOLVED',
  /** The results of the run together would exceed `RESULTS_CHARS_MAX`. */
  RESULTS_TOO_LARGE: 'RESULTS_TOO_LARGE',
  /** A task of type `set-status` has set the run's status. */
  STATUS_SET: 'STATUS_SET',
  /** An approval that a task asked for was rejected. */
  VOTE_REJECTED: 'VOTE_REJECTED',
  /** The workflow revision that the run is pinned to does not exist any more. */
  REVISION_NOT_FOUND: 'REVISION_NOT_FOUND',
  /** An operator ended the task. */
  TASK_FORCED: 'TASK_FORCED',
  /** An attempt took longer than its task may. Whether it had an effect is unknown. */
  TASK_TIMEOUT: 'TASK_TIMEOUT',
  /** The run took longer than its workflow may. */
  WORKFLOW_TIMEOUT: 'WORKFLOW_TIMEOUT',
} as const;

export type FailureCode = (typeof FAILURE_CODES)[keyof typeof FAILURE_CODES];

/** A failure of one task. Codes may come from an executor, so they are bounded as messages are. */
export function taskFailure(task: string, code: string, message: string): Failure {
  return { level: 'task', code: cut(code), message: cut(message), task };
}

/** A failure of the run that is no task's. */
export function workflowFailure(code: string, message: string): Failure {
  return { level: 'workflow', code, message: cut(message) };
}

function cut(text: string): string {
  if (text.length <= FAILURE_MESSAGE_CHARS_MAX) return text;
  return `${text.slice(0, FAILURE_MESSAGE_CHARS_MAX - 1)}…`;
}
