import { type TaskState } from '../state/activity-state.js';
import { type PlannedEdge, type PlannedTask } from '../plan/plan.js';
import { type RunDraft } from './run-draft.js';

/**
 * Whether a pending task waits for tasks before it, runs or is skipped. It runs when every edge into it is live and at
 * least one of them comes from a task that ran; for `end` one live edge from such a task is enough. The `always` edge
 * of a skipped task is live, but it alone does not make the next task run, so tasks behind skipped ones are skipped.
 */
export function readinessOf(run: RunDraft, task: PlannedTask): 'wait' | 'run' | 'skip' {
  if (task.incoming.length === 0) return 'run';
  if (run.tasks.table.isBlocked(task)) return 'wait';
  let living = 0;
  let isReached = false;
  for (const edge of task.incoming) {
    if (!edgeLives(run, edge)) continue;
    living += 1;
    isReached ||= ran(run.stateOf(edge.from));
  }
  const joined = task.type === 'end' || living === task.incoming.length;
  return joined && isReached ? 'run' : 'skip';
}

/** A failure is handled when an edge for it led to a task that ran. */
export function isHandled(run: RunDraft, failed: PlannedTask): boolean {
  return failed.outgoing.some((edge) => edgeLives(run, edge) && ran(run.stateOf(edge.to)));
}

/** Whether an ended task fulfils the condition of an edge out of it, or, as a decision, has chosen the edge. */
function edgeLives(run: RunDraft, edge: PlannedEdge): boolean {
  const state = run.stateOf(edge.from);
  if (edge.choice !== undefined) return run.chosenBy(edge.from).has(edge);
  switch (edge.condition) {
    case 'always':
      return true;
    case 'success':
      return state.status === 'succeeded';
    case 'timeout':
      return state.status === 'timedout';
    case 'failure':
      return hasFailed(state);
  }
}

export function hasFailed(
  state: TaskState,
): state is Extract<TaskState, { status: 'failed' | 'timedout' }> {
  return state.status === 'failed' || state.status === 'timedout';
}

function ran(state: TaskState): boolean {
  return state.status !== 'skipped';
}
