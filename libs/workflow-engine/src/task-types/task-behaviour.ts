import { type JsonObject, type JsonValue } from '@app/json';
import { type StatusOverride } from '../state/activity-state.js';
import { type Call } from '../state/call.js';
import { type HeldEntry, type OutboxDraft } from '../state/outbox-entry.js';
import { type JoinText } from '../parameters/text-part.js';
import { type TaskSignal } from '../state/signal.js';
import { type WaitingTask, type WaitReason } from '../state/waiting.js';

/** What a parameter of a task type may be. */
export interface ParamRule {
  readonly required: boolean;
  /** What it is for, in a sentence, for editors and docs. */
  readonly about?: string;
  /** JSON Schema of the values that it may have, for editors: never stricter than `problem`. Absent for any. */
  readonly schema?: JsonObject;
  /** Completes "the parameter ..." for whoever wrote the value; undefined when the value is fine. */
  readonly problem: (value: JsonValue) => string | undefined;
  /** How a text with references in it is put together; without it values come in as they are. */
  readonly join?: JoinText;
  /** The value counts as it is written: `$(...)` means nothing in it. */
  readonly verbatim?: boolean;
  /**
   * Where secrets may stand in it, because they are put in only when it is sent: `anywhere`, or `inside` a
   * text that begins with something else, or in `values` and not in the names beside them; with `only` it is
   * one reference to a secret and nothing else. Absent: nowhere.
   */
  readonly secrets?: 'anywhere' | 'inside' | 'values' | 'only';
  /** Another parameter that a task with this one can't have. */
  readonly notWith?: string;
}

/** Which task this is, of which run, and when. */
export interface TaskContext {
  /** In whole milliseconds since 1970. */
  readonly now: number;
  /** The activity's id. */
  readonly activity: string;
  /** The activity that its idempotency keys are named after: `activity`, unless the run goes on from another. */
  readonly keysOf: string;
  readonly task: string;
  /** From 1. */
  readonly attempt: number;
  /** The attempt whose idempotency key this one uses. */
  readonly keyAttempt: number;
  /** When the first attempt with that key was handed out, in milliseconds since 1970: `now` for the first. */
  readonly keyAt: number;
  /** Its parameters, resolved anew: the same as when it was reached. Undefined when they can't be. */
  readonly params: () => JsonObject | undefined;
}

/** What is to be told outside; it goes on record together with what the task came to. */
interface Told {
  readonly outbox?: readonly OutboxDraft[];
  /** What the run has from now on outside, and what gives it back. */
  readonly hold?: readonly HeldEntry[];
  /** The names of what it has no more. */
  readonly letGo?: readonly string[];
}

export interface Done extends Told {
  readonly kind: 'done';
  readonly results?: JsonObject;
  /** The text that the edges out of a decision are matched against. */
  readonly decision?: string;
  /** Members to add to the results of the whole run. */
  readonly runResults?: JsonObject;
  /** What the run ends as, whatever becomes of its other tasks; the last one counts. */
  readonly runStatus?: StatusOverride;
  /** The key of what tasks of the run that are over hold outside, and that is given back now. */
  readonly release?: string;
}

/** Nothing in this process works on it: time (`on.until`) or a signal moves it on. */
export interface Wait extends Told {
  readonly kind: 'wait';
  readonly on: WaitReason;
  /** What it has to remember until then; at most `WAIT_MEMORY_CHARS_MAX`. */
  readonly memory?: JsonObject;
}

/** The attempt failed; whether another one follows is up to the task's retry policy. */
export interface Failed extends Told {
  readonly kind: 'failed';
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  /** Whether it is certain that it had no effect outside. */
  readonly outcomeKnown: boolean;
  readonly results?: JsonObject;
  /** Another attempt begins no sooner, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** The process that drives makes a call, and answers with a `TaskResult`. */
export type CallRequest = Call & {
  readonly kind: 'call';
  /** One attempt takes no longer, unless the task says otherwise. */
  readonly timeoutMsDefault: number;
};

/** What a task does once all it depends on is over and its parameters are resolved. */
export type Reached =
  | Done
  | Wait
  | Failed
  | { readonly kind: 'effect'; readonly effect: CallRequest }
  /** A value that only the run could show to be wrong. */
  | { readonly kind: 'invalid'; readonly param: string; readonly detail: string };

/** `ignored`: it is not for this wait; one that came for the task is kept for what it waits for next. */
export type Received = Done | Wait | Failed | { readonly kind: 'ignored' };

/** What a waiting task is told: a signal, or that the time it waits for (`on.until`) has come. */
export type WaitInput = TaskSignal | { readonly kind: 'due' };

/** All that the engine knows about a task type. Its functions are pure. */
export interface TaskBehaviour {
  /** What it does, in a sentence, for editors and docs. */
  readonly about?: string;
  /** The parameters it takes; any other is a problem of the definition. */
  readonly params: ReadonlyMap<string, ParamRule>;
  /** The parameter that the short form means by a value which is no object (`sleep: 5m`). */
  readonly main?: string;
  /** A task has to have one of these parameters. */
  readonly needsOneOf?: readonly string[];
  /** What is wrong with which parameters are there, a sentence; undefined for nothing. */
  readonly together?: (given: ReadonlySet<string>) => string | undefined;
  /** Nothing works on it while it waits, so that it may take as long as a workflow. */
  readonly waits?: boolean;
  /** The results that others may refer to; `any` when only the run shows which there are. */
  readonly resultNames: readonly string[] | 'any';
  readonly reach: (params: JsonObject, context: TaskContext) => Reached;
  /** Of a type that waits. */
  readonly receive?: (waiting: WaitingTask, input: WaitInput, context: TaskContext) => Received;
}

/** The task types that an installation has, by the name a definition gives. */
export type TaskBehaviours = ReadonlyMap<string, TaskBehaviour>;

/** What is wrong with resolved parameters, as far as their rules say; undefined when nothing is. */
export function invalidParam(
  params: JsonObject,
  rules: ReadonlyMap<string, ParamRule>,
): Extract<Reached, { kind: 'invalid' }> | undefined {
  for (const [param, rule] of rules) {
    const value = params[param] ?? (rule.required ? null : undefined);
    const detail = value === undefined ? undefined : rule.problem(value);
    if (detail !== undefined) return { kind: 'invalid', param, detail };
  }
  return undefined;
}
