import { memberOf } from '@app/json';
import { type ActivityState, type TaskState } from '../state/activity-state.js';
import { type Hold } from '../state/outbox-entry.js';
import { FAILURE_CODES, workflowFailure } from '../state/failure.js';
import { type RunScope } from '../parameters/find-value.js';
import { type Plan } from '../plan/plan.js';

/** The kind of entries that tell of the end of a run by a webhook. */
export const WEBHOOK_ENTRY = 'webhook';

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
      ...notifying(plan, scope),
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
    ...(scope.versions && { scope: scope.versions }),
    ...notifying(plan, scope),
  };
}

/** Whoever is to hear of the end is on record from the beginning, so that no end can do without. */
function notifying({ notify }: Plan, { versions }: RunScope): Pick<ActivityState, 'holds'> {
  if (notify.length === 0) return {};
  const holds = notify.map((target, at): Hold => {
    const name = `${WEBHOOK_ENTRY}:${at + 1}`;
    const payload = { ...target, ...(versions && { versions: { ...versions } }) };
    return { task: '', name, entry: { kind: WEBHOOK_ENTRY, key: name, payload } };
  });
  return { holds };
}

function allTasks(plan: Plan, state: TaskState): ActivityState['tasks'] {
  const tasks: Record<string, TaskState> = {};
  for (const { name } of plan.tasks) tasks[name] = state;
  return tasks;
}
