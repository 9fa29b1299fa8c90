import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, memberOf } from '@app/json';
import {
  type ActivityState,
  type EventInput,
  type ScopeVersions,
} from '../state/activity-state.js';
import { type BEYOND_STEPS, followPath } from './path-tail.js';
import { type Reference, type SecretReference, type Step } from './reference.js';

/**
 * The values that references of a run find, besides the results of its tasks. The scope is an argument of `advance`
 * and not part of the stored state: the caller has the event anyway, and a copy in each commit would be larger than
 * the rest. The caller must pass an equal scope for every step of a run.
 */
export interface RunScope {
  readonly event: EventInput;
  /**
   * Facts about the run that no event can override: `workflowrun-ref` (the activity's id),
   * `workflowrun-trigger`, `workflow-ref`, `workflow-version`.
   */
  readonly context: JsonObject;
  readonly team?: JsonObject;
  /** The parameters of the installation, in the version of `versions`. */
  readonly global?: JsonObject;
  /** The versions of parameters and secrets that the run is pinned to; absent if there are none. */
  readonly versions?: ScopeVersions;
  /**
   * A random text that no sender of events can guess. `secretMark` uses it to mark the places of secrets. It may
   * differ from step to step, because marks are never part of a state.
   */
  readonly secretNonce?: string;
  /** The texts of secret parameters, for the executor: in `event` they are masked. */
  readonly secretParams?: ReadonlyMap<string, string>;
  /** The id of the activity that is part of idempotency keys; absent for the run's own. */
  readonly keysOf?: string;
  /** How many workflows passed the event on before this run, each by an event of its own; absent for none. */
  readonly hops?: number;
  /** The first run of the chain of events and tasks that led to this run; absent if this is the first. */
  readonly root?: string;
}

/** A reference whose value the engine has, unlike a secret's. */
export type ValueReference = Exclude<Reference, SecretReference>;

/** Everything in which references are looked up. */
export interface Sources {
  readonly scope: RunScope;
  /** The parameters of the event as the run sees them: `givenParams`. */
  readonly given: JsonObject;
  /** The names of those that are secrets: their values are not in `given`. */
  readonly secretParams: ReadonlySet<string>;
  /** The workflow's declared parameters that have a default. */
  readonly defaults: JsonObject;
  /** Steps that each JSONPath may take. */
  readonly pathStepsMax: number;
  readonly tasks: ActivityState['tasks'];
  /** When the run began, in whole milliseconds since 1970. */
  readonly startedAt?: number;
}

/**
 * The value of a reference, or undefined; `BEYOND_STEPS` if its JSONPath visits too many values. `own` has the parameters of the same task that are resolved already. Only
 * own members and indices count, so no name reaches a prototype.
 */
export function findValue(
  reference: ValueReference,
  sources: Sources,
  own: JsonObject,
): JsonValue | undefined | typeof BEYOND_STEPS {
  let value = firstOf(layersFor(reference, sources, own), reference.name);
  for (const step of reference.path) value = stepInto(value, step);
  const { tail } = reference;
  return tail === undefined || value === undefined
    ? value
    : followPath(tail, value, sources.pathStepsMax);
}

/**
 * Names for a hint "did you mean". Names of team and installation are left out: a user who may see the run need not
 * be allowed to see those.
 */
export function namesNear(
  reference: ValueReference,
  { scope, ...sources }: Sources,
  own: JsonObject,
): readonly string[] {
  const { team: _, global: __, ...ofRun } = scope;
  const layers = layersFor(reference, { ...sources, scope: ofRun }, own);
  return layers.flatMap((layer) => (layer === undefined ? [] : Object.keys(layer)));
}

/** Highest precedence first: context > task > event > workflow > team > global. */
function layersFor(
  reference: ValueReference,
  { scope, given, defaults, tasks }: Sources,
  own: JsonObject,
): readonly (JsonObject | undefined)[] {
  switch (reference.from) {
    case 'params':
      return [scope.context, own, given, defaults, scope.team, scope.global];
    case 'workflow':
      return [given, defaults];
    case 'context':
    case 'team':
    case 'global':
      return [scope[reference.from]];
    case 'task':
      return [resultsOf(tasks, reference.task)];
  }
}

function resultsOf(tasks: ActivityState['tasks'], name: string): JsonObject | undefined {
  const task = tasks[name];
  return task !== undefined && 'results' in task ? task.results : undefined;
}

function firstOf(layers: readonly (JsonObject | undefined)[], name: string): JsonValue | undefined {
  for (const layer of layers) {
    const value = layer === undefined ? undefined : memberOf(layer, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

function stepInto(value: JsonValue | undefined, step: Step): JsonValue | undefined {
  if (typeof step === 'number') return isJsonArray(value) ? value[step] : undefined;
  return isJsonObject(value) ? memberOf(value, step) : undefined;
}
