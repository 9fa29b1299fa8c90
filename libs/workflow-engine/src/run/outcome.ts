import { type Sources } from '../parameters/find-value.js';
import { type Outcome } from '../state/activity-state.js';
import { FAILURE_CODES, workflowFailure } from '../state/failure.js';
import { type PlannedTask } from '../plan/plan.js';
import { hasFailed, isHandled } from './edges.js';
import { type RunDraft } from './run-draft.js';

/**
 * The outcome of a run whose tasks are over (docs/workflows.md#what-a-run-ends-as). The first rule that applies:
 *
 * 1. The run was cancelled or timed out: that outcome.
 * 2. A task has set the status: that status.
 * 3. A task failed and no edge for its failure led to a task that ran: failed, with that failure.
 * 4. `end` was reached: succeeded.
 * 5. Otherwise no path led to `end`: failed.
 */
export function outcomeOf(run: RunDraft): Outcome {
  const { concluded } = run;
  if (concluded?.isForced === true) return concluded.outcome;
  if (run.statusOverride !== undefined) return overridden(run);
  const unhandled = run.plan.tasks.find((task) => isUnhandled(run, task));
  const state = unhandled === undefined ? undefined : run.stateOf(unhandled);
  if (state !== undefined && hasFailed(state)) return { status: 'failed', failure: state.failure };
  if (run.stateOf(run.plan.end).status === 'succeeded') return { status: 'succeeded' };
  const message = 'No path from start to end survived; the decisions chose none';
  return {
    status: 'failed',
    failure: workflowFailure(FAILURE_CODES.END_NOT_REACHED, message),
  };
}

function overridden({ statusOverride }: RunDraft): Outcome {
  const { status = 'failed', message = 'A task of the run has set this status' } =
    statusOverride ?? {};
  if (status === 'succeeded') return { status };
  return { status, failure: workflowFailure(FAILURE_CODES.STATUS_SET, message) };
}

function isUnhandled(run: RunDraft, task: PlannedTask): boolean {
  return hasFailed(run.stateOf(task)) && !isHandled(run, task);
}

/** The sources of a task's references. A task of `finally` may also refer to the outcome of the tasks before. */
export function sourcesOf(run: RunDraft, task: PlannedTask): Sources {
  const { sources, concluded } = run;
  if (!task.isLast || concluded === undefined) return sources;
  const { status, failure } = concluded.told ?? concluded.outcome;
  const facts = { 'workflowrun-status': status, 'workflowrun-failure': failure?.code ?? '' };
  const scope = { ...sources.scope, context: { ...sources.scope.context, ...facts } };
  return { ...sources, scope };
}
