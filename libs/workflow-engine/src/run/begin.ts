import { memberOf } from '@app/json';
import { type ActivityState, type TaskState } from '../state/activity-state.js';
import { FAILURE_CODES, workflowFailure } from '../state/failure.js';
import { type RunScope } from '../parameters/find-value.js';
import { type Plan } from '../plan/plan.js';

/**
 * The state of a run before its first step; the first `advance` takes it, with or without inputs.
 * It has failed already (`PARAM_MISSING`) when the event brings no value for a required parameter.
 */
export function begin(plan: Plan, scope: RunScope, now: number): ActivityState {
  const missing = plan.required.filter((name) => memberOf(scope.event.params, name) === undefined);
  if (missing.length === 0) {
    return {
      status: 'running',
      startedAt: now,
      ...(plan.timeoutMs !== undefined && { timeoutAt: now + plan.timeoutMs }),
      tasks: allTasks(plan, { status: 'pending' }),
      results: {},
      ...(scope.versions && { scope: scope.versions }),
    };
  }
  const message = `The event has no value for: ${missing.join(', ')}`;
  return {
    status: 'failed',
    startedAt: now,
    endedAt: now,
    tasks: allTasks(plan, { status: 'skipped', endedAt: now }),
    results: {},
    failure: workflowFailure(FAILURE_CODES.PARAM_MISSING, message),
  };
}

function allTasks(plan: Plan, state: TaskState): ActivityState['tasks'] {
  const tasks: Record<string, TaskState> = {};
  for (const { name } of plan.tasks) tasks[name] = state;
  return tasks;
}
