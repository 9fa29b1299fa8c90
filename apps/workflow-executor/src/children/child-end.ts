import { type RunEnd } from '@app/persistence';
import {
  CHILD_RESULTS_CHARS_MAX,
  type ChildEndedSignal,
  fitsAsJson,
  isFinal,
} from '@app/workflow-engine';
import { type EntryOrigin } from '../outbox/outbox-delivery.js';

/** How a run ended, for the task that began it. */
export type ChildEnd = Pick<RunEnd, 'id' | 'status' | 'parent' | 'failure' | 'results'>;

/** The end that the state has, for the task that began the run; undefined if the run has not ended. */
export function endIn({ id, parent, state }: EntryOrigin): ChildEnd | undefined {
  if (state === undefined || !isFinal(state.status)) return undefined;
  const { status, failure, results } = state;
  return { id, status, results, ...(parent && { parent }), ...(failure && { failure }) };
}

/** The signal of the end, without results that are too large for one. */
export function endedSignal(
  { id: child, status, failure, results: stored }: ChildEnd,
  { task, attempt, index }: NonNullable<RunEnd['parent']>,
  at: number,
): ChildEndedSignal {
  // The results of a list are gathered when all its children have ended.
  const results = index === undefined ? stored : {};
  const fits = results !== undefined && fitsAsJson(results, CHILD_RESULTS_CHARS_MAX);
  return {
    id: `child:${child}:ended`,
    at,
    kind: 'child-ended',
    task,
    attempt,
    child,
    ...(index !== undefined && { index }),
    status: isFinal(status) ? status : 'failed',
    ...(fits && { results }),
    ...(failure && { failure }),
  };
}
