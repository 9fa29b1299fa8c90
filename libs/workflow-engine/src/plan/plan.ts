import { type JsonObject } from '@app/json';
import {
  type Concurrency,
  type RunRetryPolicy,
  type ExecutionCondition,
  type NotifyTarget,
  type RetryPolicy,
  type TaskType,
} from '../definition/definition.js';
import { type Template } from '../parameters/template.js';
import { type ParamTemplate } from '../parameters/resolve.js';
import { type TaskBehaviour } from '../task-types/task-behaviour.js';

/** Which of its edges a decision chooses: those with a matching pattern, else the default ones. */
export type Choice =
  | { readonly kind: 'default' }
  | {
      readonly kind: 'patterns';
      /** Steps that a character may take; infinite where a pattern is too large to be compiled. */
      readonly size: number;
      readonly matches: (text: string) => boolean;
    };

export interface PlannedEdge {
  readonly from: PlannedTask;
  readonly to: PlannedTask;
  readonly condition: ExecutionCondition;
  /** Only on edges out of a decision, where it takes the place of `condition`. */
  readonly choice?: Choice;
}

export interface PlannedTask {
  /** Its place in the plan, from 0. */
  readonly at: number;
  readonly name: string;
  readonly type: TaskType;
  readonly behaviour: TaskBehaviour;
  readonly incoming: readonly PlannedEdge[];
  readonly outgoing: readonly PlannedEdge[];
  readonly params: readonly ParamTemplate[];
  readonly timeoutMs?: number;
  readonly retry?: RetryPolicy;
  /** It begins when all others are over. */
  readonly isLast: boolean;
}

export interface PlannedConcurrency extends Omit<Concurrency, 'key'> {
  readonly limit: number;
  readonly key?: Template;
}

/** A valid definition with all that can be computed before a run; shared by all its runs. */
export interface Plan {
  /** Each task after all that it depends on, so that one pass in this order goes as far as a run can. Those of `finally` last. */
  readonly tasks: readonly PlannedTask[];
  readonly byName: ReadonlyMap<string, PlannedTask>;
  readonly end: PlannedTask;
  /** Declared parameters that a run can't do without. */
  readonly required: readonly string[];
  readonly defaults: JsonObject;
  /** Whom to tell of the end of a run. */
  readonly notify: readonly NotifyTarget[];
  /** How many of its runs may be under way at once; absent for any number. */
  readonly concurrency?: PlannedConcurrency;
  /** What its tasks refer to besides their own workflow and event. */
  readonly retry?: RunRetryPolicy;
  readonly uses: { readonly parameters: boolean; readonly secrets: boolean };
  readonly timeoutMs?: number;
}
