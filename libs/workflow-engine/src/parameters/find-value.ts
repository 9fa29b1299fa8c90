import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, memberOf } from '@app/json';
import {
  type ActivityState,
  type EventInput,
  type ScopeVersions,
} from '../state/activity-state.js';
import { type Reference, type SecretReference, type Step } from './reference.js';

/**
 * Where a run's `$(...)` are looked up, besides its own tasks. It is an argument of `advance` and
 * not part of the stored state, because the caller has the event anyway and a copy of it in each
 * commit would cost more than all the rest. So the caller must pass the same one each time.
 */
export interface RunScope {
  readonly event: EventInput;
  /**
   * Facts about the run that no event can override: `workflowrun-ref` (the activity's id),
   * `workflowrun-trigger`, `workflow-ref`, `workflow-version`.
   */
  readonly context: JsonObject;
  readonly team?: JsonObject;
  /** The parameters of the installation, of the version that `versions` says. */
  readonly global?: JsonObject;
  /** Which versions the run goes by from its beginning to its end; absent where there is nothing of the kind. */
  readonly versions?: ScopeVersions;
  /**
   * What nobody who sends events can guess: `secretMark` marks with it where secrets belong. Another one
   * at each step does no harm, because no mark gets into a state.
   */
  readonly secretNonce?: string;
  /** The activity that idempotency keys are named after; absent for the run's own. */
  readonly keysOf?: string;
  /** Through how many workflows that sent one another events the run's event has come; absent for none. */
  readonly hops?: number;
  /** The first run of those that led to this one by events or tasks; absent where this is the first. */
  readonly root?: string;
}

/** A reference that has a value here. */
export type ValueReference = Exclude<Reference, SecretReference>;

/** Everything that a reference can mean a value of. */
export interface Sources {
  readonly scope: RunScope;
  /** The workflow's declared parameters that have a default. */
  readonly defaults: JsonObject;
  readonly tasks: ActivityState['tasks'];
  /** When the run began, in whole milliseconds since 1970. */
  readonly startedAt?: number;
}

/**
 * The value a reference means, or undefined. `own` are the parameters of the same task that are
 * resolved already. Only own members and indices count, so no name reaches a prototype.
 */
export function findValue(
  reference: ValueReference,
  sources: Sources,
  own: JsonObject,
): JsonValue | undefined {
  let value = firstOf(layersFor(reference, sources, own), reference.name);
  for (const step of reference.path) value = stepInto(value, step);
  return value;
}

/**
 * Names that a reference might have meant: of its run alone, and not of what many workflows share, which whoever
 * sees the run may not.
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
  { scope, defaults, tasks }: Sources,
  own: JsonObject,
): readonly (JsonObject | undefined)[] {
  switch (reference.from) {
    case 'params':
      return [scope.context, own, scope.event.params, defaults, scope.team, scope.global];
    case 'workflow':
      return [scope.event.params, defaults];
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
