import { type JsonValue } from '@app/json';

/** The task types that workflows know. Which of them can be run is for the registry to say. */
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

/** The name of a task type: one of `TASK_TYPES`, or of those that an installation has besides. */
export type TaskType = string;

/** Which ends of an upstream task let an edge live; a task that timed out has failed, too. */
export const EXECUTION_CONDITIONS = ['always', 'success', 'failure', 'timeout'] as const;

export type ExecutionCondition = (typeof EXECUTION_CONDITIONS)[number];

export interface Dependency {
  /** The name of the upstream task. */
  readonly taskRef: string;
  /** `always` when absent. Ignored out of a `decision`: there only what it chose counts. */
  readonly executionCondition?: ExecutionCondition;
  /**
   * For edges out of a `decision`: newline-separated patterns, each matched against the whole value.
   * Absent or empty makes it a default edge, which lives only if no other edge matched.
   */
  readonly decisionCondition?: string;
}

export interface Param {
  readonly name: string;
  /** May hold `$(...)` at any depth; see the README for their grammar. */
  readonly value: JsonValue;
}

export const BACKOFFS = ['fixed', 'exponential', 'list'] as const;

/** What becomes of a task whose last attempt failed: `pause` leaves it to an operator. */
export const RETRY_ENDS = ['fail', 'pause'] as const;

/** How long to wait before each attempt but the first. */
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
      /** One after the other, in milliseconds; the last one for all attempts that follow. Not empty. */
      readonly delaysMs: readonly number[];
    };

export type RetryPolicy = Backoff & {
  /** Attempts in all, the first one included; 1 to 100. */
  readonly attemptsMax: number;
  /** Spreads each delay over plus and minus this share of it; 0 (default) to 1. */
  readonly jitter?: number;
  /**
   * The failures after which another attempt follows: codes, or statuses of a call as `503`, `5xx` and
   * `500-504`. Absent for those of which the task type says that another attempt could help.
   */
  readonly when?: readonly string[];
  /** `fail` when absent. */
  readonly then?: (typeof RETRY_ENDS)[number];
};

/** Where another attempt of a whole run begins: `failed` with what failed, `start` with everything. */
export const RUN_RETRY_FROM = ['failed', 'start'] as const;

/** How often a run that failed begins again, after its tasks have had their own attempts. */
export type RunRetryPolicy = Backoff &
  Pick<RetryPolicy, 'attemptsMax' | 'jitter' | 'when'> & {
    /** `failed` when absent: what succeeded is not done again. */
    readonly from?: (typeof RUN_RETRY_FROM)[number];
  };

export interface TaskDefinition {
  /** Unique in the workflow. */
  readonly name: string;
  readonly type: TaskType;
  readonly dependencies?: readonly Dependency[];
  readonly params?: readonly Param[];
  /** One attempt may take this long, in milliseconds; then the attempt has failed. */
  readonly timeoutMs?: number;
  readonly retry?: RetryPolicy;
  /**
   * It begins when all other tasks are over, whatever became of them and of the run: also when it was
   * cancelled or took too long. Such tasks depend on each other only, and nothing else on them.
   */
  readonly finally?: true;
}

export interface ParamSpec {
  readonly name: string;
  readonly description?: string;
  /** A run whose event brings no value fails at once, unless there is a default. */
  readonly required?: boolean;
  /** Taken as it is: it is not searched for `$(...)`. */
  readonly default?: JsonValue;
}

/** What a run can end as. */
export const NOTIFY_ENDS = ['succeeded', 'failed', 'cancelled', 'timedout'] as const;

/** Whom a workflow tells of the end of its runs, by a webhook. */
export interface NotifyTarget {
  readonly url: string;
  /** The name of the secret that it is signed with, as Standard Webhooks. */
  readonly secret?: string;
  /** The ends that are told; all when absent. */
  readonly on?: readonly (typeof NOTIFY_ENDS)[number][];
}

/**
 * What becomes of runs for which there is no slot: `queue` lets all wait; `cancel-running` ends those that are older, also
 * what is under way; `cancel-new` ends the new one; of those that wait only the newest (`replace-waiting`) or only the
 * oldest (`join-waiting`) goes on waiting.
 */
export const WHEN_FULL = [
  'queue',
  'cancel-running',
  'cancel-new',
  'replace-waiting',
  'join-waiting',
] as const;

export type WhenFull = (typeof WHEN_FULL)[number];

/** How many runs of a workflow may be under way at once, and how often they may begin. */
export interface Concurrency {
  /** Runs for which it gives the same text share the slots; without it all runs of the workflow do. */
  readonly key?: string;
  /** Slots; 1 when absent. */
  readonly limit?: number;
  /** `queue` when absent. */
  readonly whenFull?: WhenFull;
  /** A run begins so long after its event, in milliseconds, and only if no other of its key has come by then. */
  readonly debounceMs?: number;
  /** A slot is not given again before so long has passed since it was, in milliseconds. */
  readonly throttleMs?: number;
}

/** What a workflow revision runs. Plain data; `validate` says what is wrong with one. */
export interface WorkflowDefinition {
  readonly tasks: readonly TaskDefinition[];
  readonly params?: readonly ParamSpec[];
  /** The whole run, all attempts of it, may take this long from when it begins, in milliseconds. */
  readonly timeoutMs?: number;
  readonly retry?: RunRetryPolicy;
  readonly notify?: readonly NotifyTarget[];
  readonly concurrency?: Concurrency;
}
