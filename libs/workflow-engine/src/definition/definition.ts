import { type ExactNumber, type JsonValue } from '@app/json';

/** The built-in task types. The registry (`TaskBehaviours`) says which of them this build can run. */
export const TASK_TYPES = [
  'start',
  'end',
  'decision',
  'set-status',
  'set-property',
  'sleep',
  'wait-for-event',
  'approval',
  'manual',
  'acquire-lock',
  'release-lock',
  'run-workflow',
  'run-scheduled-workflow',
  'map',
  'http',
  'script',
  'template',
  'custom',
  'generic',
  'event',
] as const;

/** The name of a task type: one of `TASK_TYPES`, or a type that an installation adds. */
export type TaskType = string;

/** The ends of an upstream task after which an edge is taken. `failure` includes a timeout. */
export const EXECUTION_CONDITIONS = ['always', 'success', 'failure', 'timeout'] as const;

export type ExecutionCondition = (typeof EXECUTION_CONDITIONS)[number];

export interface Dependency {
  /** The name of the upstream task. */
  readonly taskRef: string;
  /** `always` when absent. Ignored on edges out of a `decision`, where the decision's choice counts. */
  readonly executionCondition?: ExecutionCondition;
  /**
   * For edges out of a `decision`: newline-separated patterns, each matched against the whole value.
   * Absent or empty makes it a default edge, which is taken only if no other edge matches.
   */
  readonly decisionCondition?: string;
}

export interface Param {
  readonly name: string;
  /** May contain references `$(...)` at any depth; docs/workflows.md has their grammar. */
  readonly value: JsonValue;
}

export const BACKOFFS = ['fixed', 'exponential', 'list'] as const;

/** What happens after the last attempt failed: `fail` fails the task, `pause` leaves the decision to an operator. */
export const RETRY_ENDS = ['fail', 'pause'] as const;

/** The delays before the attempts after the first. */
export type Backoff =
  | {
      readonly backoff: 'fixed' | 'exponential';
      /** The first delay, in milliseconds. */
      readonly delayMs: number;
      /** No delay is longer than this, in milliseconds. */
      readonly delayMsMax: number;
    }
  | {
      readonly backoff: 'list';
      /** The delays in order, in milliseconds; the last one applies to all further attempts. Not empty. */
      readonly delaysMs: readonly number[];
    };

export type RetryPolicy = Backoff & {
  /** Attempts in all, the first one included; 1 to 100. */
  readonly attemptsMax: number;
  /** Spreads each delay over plus and minus this share of it; 0 (default) to 1. */
  readonly jitter?: number;
  /**
   * The failures that are retried: failure codes, or HTTP statuses such as `503`, `5xx` and `500-504`. When absent,
   * those that the task type marks as retryable.
   */
  readonly when?: readonly string[];
  /** `fail` when absent. */
  readonly then?: (typeof RETRY_ENDS)[number];
};

/** Where another attempt of a run begins: `failed` repeats the failed tasks, `start` repeats all tasks. */
export const RUN_RETRY_FROM = ['failed', 'start'] as const;

/** The retry policy of a whole run, which applies after its tasks have used up their own attempts. */
export type RunRetryPolicy = Backoff &
  Pick<RetryPolicy, 'attemptsMax' | 'jitter' | 'when'> & {
    /** `failed` when absent: tasks that succeeded are not repeated. */
    readonly from?: (typeof RUN_RETRY_FROM)[number];
  };

export interface TaskDefinition {
  /** Unique in the workflow. */
  readonly name: string;
  readonly type: TaskType;
  readonly dependencies?: readonly Dependency[];
  readonly params?: readonly Param[];
  /** The longest time of one attempt, in milliseconds; then the attempt fails. */
  readonly timeoutMs?: number;
  readonly retry?: RetryPolicy;
  /**
   * The task begins when all other tasks are over, whatever the outcome, also when the run was cancelled or timed
   * out. Such tasks may depend only on each other, and no other task on them.
   */
  readonly finally?: true;
}

/** The types that a declared parameter may have, as in JSON Schema. */
export const PARAM_TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array'] as const;

export type ParamType = (typeof PARAM_TYPES)[number];

/**
 * A parameter that an event may bring. With a type or a constraint, a run whose event brings another value fails at
 * once (`PARAM_INVALID`).
 */
export interface ParamSpec {
  readonly name: string;
  readonly description?: string;
  /** Any value when absent. A value of another type is converted if nothing is lost: `"4"` to `4`. */
  readonly type?: ParamType;
  /** The values that are allowed; not empty. */
  readonly enum?: readonly JsonValue[];
  /** The whole text must match; of type `string` only. */
  readonly pattern?: string;
  /** Of a number its smallest value, of a string its fewest characters (UTF-16 units), of an array its fewest items. */
  readonly min?: number | ExactNumber;
  /** The same for the largest value, the most characters and the most items. */
  readonly max?: number | ExactNumber;
  /**
   * Its value is shown nowhere, and is put into calls only when they are sent, as a secret is. With this it is of type
   * `string` and has no default and no constraints.
   */
  readonly secret?: true;
  /** A run whose event has no value for it fails at once, unless there is a default. */
  readonly required?: boolean;
  /** A literal value: `$(...)` in it is not resolved. */
  readonly default?: JsonValue;
}

/** The statuses that a run can end with. */
export const NOTIFY_ENDS = ['succeeded', 'failed', 'cancelled', 'timedout'] as const;

/** A webhook that is called at the end of a workflow's runs. */
export interface NotifyTarget {
  readonly url: string;
  /** The name of the secret that signs the request (Standard Webhooks); unsigned when absent. */
  readonly secret?: string;
  /** The ends for which it is called; all when absent. */
  readonly on?: readonly (typeof NOTIFY_ENDS)[number][];
}

/**
 * What happens when no slot is free for a new run. `queue`: it waits. `cancel-running`: older runs are cancelled,
 * also those under way. `cancel-new`: it is cancelled. `replace-waiting`: only the newest waiting run stays.
 * `join-waiting`: only the oldest waiting run stays.
 */
export const WHEN_FULL = [
  'queue',
  'cancel-running',
  'cancel-new',
  'replace-waiting',
  'join-waiting',
] as const;

export type WhenFull = (typeof WHEN_FULL)[number];

/** The bounds of a workflow's concurrent runs, and of how often they begin. */
export interface Concurrency {
  /** A template. Runs for which it resolves to the same text share the slots; without it all runs of the workflow do. */
  readonly key?: string;
  /** The number of slots; 1 when absent. */
  readonly limit?: number;
  /** `queue` when absent. */
  readonly whenFull?: WhenFull;
  /** A run begins this many milliseconds after its event, and only if no other run with its key came meanwhile. */
  readonly debounceMs?: number;
  /** The shortest time between two grants of the same slot, in milliseconds. */
  readonly throttleMs?: number;
}

/** The tasks and settings of a workflow revision, as plain data. `validateDefinition` reports all that is wrong with one. */
export interface WorkflowDefinition {
  readonly tasks: readonly TaskDefinition[];
  readonly params?: readonly ParamSpec[];
  /** The longest time from the begin of a run to its end, over all its attempts, in milliseconds. */
  readonly timeoutMs?: number;
  readonly retry?: RunRetryPolicy;
  readonly notify?: readonly NotifyTarget[];
  readonly concurrency?: Concurrency;
}
