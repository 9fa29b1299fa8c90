import { isSameEvent } from '@app/events';
import { type Activity } from '@app/persistence';
import {
  type ActivityState,
  type Advance,
  advance,
  begin,
  breakRun,
  type Failure,
  FAILURE_CODES,
  type Input,
  isFinal,
  nextWakeAt,
  type RunScope,
  type Signal,
  type TaskResult,
  workflowFailure,
} from '@app/workflow-engine';
import { type KnownRecord } from '../known-record.js';
import { type Run } from './run.js';

const TIME_ALONE: readonly Input[] = [{ kind: 'time' }];

/**
 * The inputs of a step: results come before signals, so that a result is kept when a signal ends the run.
 * @param missing the running tasks without a call here, which are called again
 */
export function inputsOf(
  signals: readonly Signal[],
  results: readonly TaskResult[],
  missing: readonly string[],
): readonly Input[] {
  if (results.length + signals.length + missing.length === 0) return TIME_ALONE;
  return [
    ...results.map((result) => ({ kind: 'task-result', result }) as const),
    ...signals.map((signal) => ({ kind: 'signal', signal }) as const),
    { kind: 'time' },
    ...(missing.length > 0 ? [{ kind: 'resume', tasks: missing } as const] : []),
  ];
}

/**
 * Computes the step. If the engine throws, the step ends this activity with `defect` as its failure; others go on.
 */
export function stepOf(
  { plan, scope, earlier }: Pick<Run, 'plan' | 'scope' | 'earlier'>,
  { state, signals, outbox }: KnownRecord,
  inputs: readonly Input[],
  now: number,
): { readonly step: Advance; readonly defect?: Failure } {
  if (state && (isFinal(state.status) || isAtRest(state, inputs, now))) {
    return { step: { state, effects: [], outbox: [] } };
  }
  try {
    if (!plan) throw new Error('there is no plan of it');
    const from = state ?? begin(plan, scope, now, earlier?.run);
    return { step: advance(plan, from, scope, inputs, now, outbox) };
  } catch (error) {
    const message = `The engine broke on this activity: ${String(error)}`;
    const defect = workflowFailure(FAILURE_CODES.ENGINE_DEFECT, message);
    return { step: breakRun(state, defect, signals, now), defect };
  }
}

/** Whether nothing has happened and no time has come: then the engine would return the state as it is. */
function isAtRest(state: ActivityState, inputs: readonly Input[], now: number): boolean {
  return inputs === TIME_ALONE && now < (nextWakeAt(state) ?? Infinity);
}

/** D3, D6: whether the record belongs to another event, lease or scope, so that this driver has to leave. */
export function isForOthers(
  { event, status, state, leaseOwner }: Activity,
  { origin, scope }: Pick<Run, 'origin' | 'scope'>,
  owner: string,
): boolean {
  if (event && !isSameEvent(event, origin.event)) return true;
  if (isFinal(status)) return false;
  return (leaseOwner !== undefined && leaseOwner !== owner) || !isOfScope(state, scope);
}

/** D3: whether a stale commit was the first one to an unclaimed record: then another process wrote first. */
export function isOutrun(
  { found, onOutrun }: Pick<Run, 'found' | 'onOutrun'>,
  { lockVersion }: KnownRecord,
): boolean {
  return onOutrun !== undefined && found?.lockVersion === lockVersion;
}

/** A run that has begun with other versions of parameters or secrets is left to executors that support those. */
function isOfScope(state: ActivityState | undefined, { versions = {} }: RunScope): boolean {
  const { installation, workflow } = state ? (state.scope ?? {}) : versions;
  return installation === versions.installation && workflow === versions.workflow;
}
