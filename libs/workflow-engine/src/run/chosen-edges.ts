import { type PlannedEdge, type PlannedTask } from '../plan/plan.js';
import { type TaskState } from '../state/activity-state.js';

/** The most steps that matching a decision's value against all its patterns takes. */
export function patternSteps(decision: PlannedTask, value: string): number {
  let size = 0;
  for (const { choice } of decision.outgoing) if (choice?.kind === 'patterns') size += choice.size;
  return size * (value.length + 1);
}

/** The edges that a decision chose; none if it was skipped or failed. */
export function chosenEdges(decision: PlannedTask, state: TaskState): ReadonlySet<PlannedEdge> {
  const value = state.status === 'succeeded' ? state.decision : undefined;
  if (value === undefined) return new Set();
  const matched = decision.outgoing.filter(
    ({ choice }) => choice?.kind === 'patterns' && choice.matches(value),
  );
  if (matched.length > 0) return new Set(matched);
  return new Set(decision.outgoing.filter(({ choice }) => choice?.kind === 'default'));
}
