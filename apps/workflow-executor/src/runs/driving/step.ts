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
  type RunScope,
  type Signal,
  type TaskResult,
  workflowFailure,
} from '@app/workflow-engine';
import { type KnownRecord } from '../known-record.js';
import { type Run } from './run.js';

const TIME_ALONE: readonly Input[] = [{ kind: 'time' }];

/** What a step is computed from: results before signals, so that one that is there is kept when a signal ends the run. */
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

/** The step; `defect` if the engine broke on it: that ends this activity, where it can be seen, and no other. */
export function stepOf(
  { plan, scope, earlier }: Pick<Run, 'plan' | 'scope' | 'earlier'>,
  { state, signals, outbox }: KnownRecord,
  inputs: readonly Input[],
  now: number,
): { readonly step: Advance; readonly defect?: Failure } {
  if (state && isFinal(state.status)) return { step: { state, effects: [], outbox: [] } };
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

/** Whoever has begun it by other versions of what it refers to, it is for those who go by them. */
export function isOfScope(state: ActivityState | undefined, { versions = {} }: RunScope): boolean {
  const { installation, workflow } = state ? (state.scope ?? {}) : versions;
  return installation === versions.installation && workflow === versions.workflow;
}
