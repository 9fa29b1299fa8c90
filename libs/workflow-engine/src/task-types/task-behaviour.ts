import { type Problem } from '@app/errors';
import { type JsonObject, type JsonValue } from '@app/json';
import { type Param, type TaskDefinition } from '../definition/definition.js';
import { type StatusOverride } from '../state/activity-state.js';
import { type Call } from '../state/call.js';
import { type HeldEntry, type OutboxDraft } from '../state/outbox-entry.js';
import { type JoinText } from '../parameters/text-part.js';
import { type TaskSignal } from '../state/signal.js';
import { type FailedOutcome } from '../state/task-result.js';
import { type WaitingTask, type WaitReason } from '../state/waiting.js';

/** The rule for a parameter of a task type. */
export interface ParamRule {
  readonly required: boolean;
  /** What it is for, in a sentence, for editors and docs. */
  readonly about?: string;
  /** JSON Schema of the values that it may have, for editors: never stricter than `problem`. Absent for any. */
  readonly schema?: JsonObject;
  /** The problem of a value, which completes "the parameter ..."; undefined for a valid value. */
  readonly problem: (value: JsonValue) => string | undefined;
  /** The problems of a value at that path in which a path leads to each; instead of `problem` when it is saved. */
  readonly problems?: (value: JsonValue, path: string) => readonly Problem[];
  /** Joins a text that contains references, for instance with an encoding. Without it values are inserted unchanged. */
  readonly join?: JoinText;
  /** The value is used as it is written: `$(...)` is no reference in it. */
  readonly verbatim?: boolean;
  /**
   * Where secrets may stand in it, because they are put in only when it is sent: `anywhere`, or `inside` a
   * text that begins with something else, or in `values` and not in the names beside them; with `only` it is
   * one reference to a secret and nothing else. Absent: nowhere.
   */
  readonly secrets?: 'anywhere' | 'inside' | 'values' | 'only';
  /** Another parameter that a task with this one can't have. */
  readonly notWith?: string;
  /** The most tasks of a workflow that may have it. Absent for any number. */
  readonly tasksMax?: number;
  /**
   * The rules of its members: the value is an object that the definition writes out, so that each member keeps its own
   * rule for secrets and for texts with references.
   */
  readonly members?: ReadonlyMap<string, ParamRule>;
}

/** The facts about a task, its run and its attempt that a behaviour gets. */
export interface TaskContext {
  /** In whole milliseconds since 1970. */
  readonly now: number;
  /** The activity's id. */
  readonly activity: string;
  /** The activity id from which idempotency keys are made: `activity`, unless the run continues another one. */
  readonly keysOf: string;
  readonly task: string;
  /** From 1. */
  readonly attempt: number;
  /** The attempt whose idempotency key this one uses. */
  readonly keyAttempt: number;
  /** When the first attempt with that key was handed out, in milliseconds since 1970: `now` for the first. */
  readonly keyAt: number;
  /** Resolves its parameters again, to the same values as when it was reached; undefined if that fails. */
  readonly params: () => JsonObject | undefined;
}

/** Outbox entries and holds, which are stored together with the next state of the task. */
interface OutboxPart {
  readonly outbox?: readonly OutboxDraft[];
  /** Resources that the run holds from now on, each with the entry that releases it. */
  readonly hold?: readonly HeldEntry[];
  /** The names of holds to remove without releasing them. */
  readonly dropHolds?: readonly string[];
}

export interface Done extends OutboxPart {
  readonly kind: 'done';
  readonly results?: JsonObject;
  /** The text that the edges out of a decision are matched against. */
  readonly decision?: string;
  /** Members to add to the results of the whole run. */
  readonly runResults?: JsonObject;
  /** The status of the run at its end, whatever its other tasks do; the last task that sets it wins. */
  readonly runStatus?: StatusOverride;
  /** The key of holds of ended tasks to release now. The task fails if there are none. */
  readonly release?: string;
}

/** The task waits for a signal, or for the time `on.until`; nothing in a process works on it. */
export interface Wait extends OutboxPart {
  readonly kind: 'wait';
  readonly on: WaitReason;
  /** Data of the behaviour that is stored with the wait; at most `WAIT_MEMORY_CHARS_MAX` characters. */
  readonly memory?: JsonObject;
}

export type Failed = FailedOutcome & OutboxPart;

/** A call that the executor makes and answers with a `TaskResult`. */
export type CallRequest = Call & {
  readonly kind: 'call';
  /** The timeout of one attempt of a task that has no `timeoutMs`. */
  readonly timeoutMsDefault: number;
};

/** The outcome of reaching a task: all tasks before it are over and its parameters are resolved. */
export type Reached =
  | Done
  | Wait
  | Failed
  | { readonly kind: 'effect'; readonly effect: CallRequest }
  /** A resolved parameter is invalid. */
  | { readonly kind: 'invalid'; readonly param: string; readonly detail: string };

/** The outcome of an input for a waiting task. `ignored`: it is not for this wait, and a signal may be kept for a later one. */
export type Received =
  | Done
  | Wait
  | Failed
  | {
      readonly kind: 'ignored';
      /** An outbox entry to add if the signal is new and there is room. */
      readonly ask?: OutboxDraft;
    };

/** An input for a waiting task: a signal, or `due` when its time `on.until` has come. */
export type WaitInput = TaskSignal | { readonly kind: 'due' };

/** The definition of a task type. Its functions are pure. */
export interface TaskBehaviour {
  /** What it does, in a sentence, for editors and docs. */
  readonly about?: string;
  /** The parameters it takes; any other is a problem of the definition. */
  readonly params: ReadonlyMap<string, ParamRule>;
  /** The parameter that gets a value of the short form that is no object (`sleep: 5m`). */
  readonly main?: string;
  /** Parameters of which a task must have at least one. */
  readonly needsOneOf?: readonly string[];
  /** The problem of a combination of parameters, by their names and as they are written; undefined for a valid one. */
  readonly together?: (given: ReadonlySet<string>, written: JsonObject) => string | undefined;
  /** Whether its tasks wait, and may therefore take as long as a workflow. */
  readonly waits?: boolean;
  /** The names of results that other tasks may refer to; `any` if they are known only at run time. */
  readonly resultNames: readonly string[] | 'any';
  /** A parameter whose members are the names of the results that a success has in the place of one of `resultNames`. */
  readonly namesResults?: { readonly param: string; readonly insteadOf: string };
  /**
   * The behaviour of one task, made once for a plan; for types that compile what is written in their parameters.
   * @param tasks all tasks of the workflow
   */
  readonly ofTask?: (params: readonly Param[], tasks: readonly TaskDefinition[]) => TaskBehaviour;
  readonly reach: (params: JsonObject, context: TaskContext) => Reached;
  /** Handles an input for a waiting task; only for types that wait. */
  readonly receive?: (waiting: WaitingTask, input: WaitInput, context: TaskContext) => Received;
  /** The entry that gives back what the signal grants; for types whose grants never come before their wait. */
  readonly giveBack?: (signal: TaskSignal) => OutboxDraft | undefined;
}

/** The task types of an installation by their names. */
export type TaskBehaviours = ReadonlyMap<string, TaskBehaviour>;

/**
 * What is wrong with resolved parameters, as far as their rules say; undefined when nothing is. A parameter that is null
 * is not one that is left out: it would silently mean the default, such as that everybody may vote.
 */
export function invalidParam(
  params: JsonObject,
  rules: ReadonlyMap<string, ParamRule>,
): Extract<Reached, { kind: 'invalid' }> | undefined {
  for (const [param, rule] of rules) {
    const value = params[param] === undefined && rule.required ? null : params[param];
    const detail = value === undefined ? undefined : rule.problem(value);
    if (detail !== undefined) return { kind: 'invalid', param, detail };
  }
  return undefined;
}
