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
import { type TypedParam } from '../parameters/typed-params.js';
import { type TaskBehaviour } from '../task-types/task-behaviour.js';

/** Which of its edges a decision chooses: those with a matching pattern, else the default ones. */
export type Choice =
  | { readonly kind: 'default' }
  | {
      readonly kind: 'patterns';
      /** The most steps that one character of the value takes; infinite if a pattern is too large to be compiled. */
      readonly size: number;
      readonly matches: (text: string) => boolean;
    };

export interface PlannedEdge {
  readonly from: PlannedTask;
  readonly to: PlannedTask;
  readonly condition: ExecutionCondition;
  /** Set on edges out of a decision only, where it replaces `condition`. */
  readonly choice?: Choice;
}

export interface PlannedTask {
  /** Its position in the plan, from 0. */
  readonly at: number;
  readonly name: string;
  readonly type: TaskType;
  readonly behaviour: TaskBehaviour;
  readonly incoming: readonly PlannedEdge[];
  readonly outgoing: readonly PlannedEdge[];
  readonly params: readonly ParamTemplate[];
  readonly timeoutMs?: number;
  readonly retry?: RetryPolicy;
  /** Whether it is a task of `finally`, which begins when all other tasks are over. */
  readonly isLast: boolean;
}

export interface PlannedConcurrency extends Omit<Concurrency, 'key'> {
  readonly limit: number;
  readonly key?: Template;
}

/** A compiled definition, with all that can be computed before a run; its runs share it. */
export interface Plan {
  /** Each task after all tasks it depends on, so that one pass in this order advances a run completely. Tasks of `finally` come last. */
  readonly tasks: readonly PlannedTask[];
  readonly byName: ReadonlyMap<string, PlannedTask>;
  readonly end: PlannedTask;
  /** The names of declared parameters that are required and have no default. */
  readonly required: readonly string[];
  readonly defaults: JsonObject;
  /** The declared parameters with a type or a constraint. */
  readonly typed: readonly TypedParam[];
  /** The names of the declared parameters that are secrets. */
  readonly secretParams: ReadonlySet<string>;
  /** The webhooks that are called at the end of a run. */
  readonly notify: readonly NotifyTarget[];
  /** The bound of its concurrent runs; absent for none. */
  readonly concurrency?: PlannedConcurrency;
  readonly retry?: RunRetryPolicy;
  /** Whether a run may need the installation's parameters, and stored secrets: others need not read their versions. */
  readonly uses: { readonly parameters: boolean; readonly secrets: boolean };
  /** Steps that each JSONPath of its references may take. */
  readonly pathStepsMax: number;
  readonly timeoutMs?: number;
}
