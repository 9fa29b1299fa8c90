import { type JsonObject, memberOf } from '@app/json';
import { type ActivityState, type RunSlot, type TaskState } from '../state/activity-state.js';
import { type Hold } from '../state/outbox-entry.js';
import { type Failure, FAILURE_CODES, workflowFailure } from '../state/failure.js';
import { type RunScope } from '../parameters/find-value.js';
import { givenParams, paramProblems } from '../parameters/typed-params.js';
import { type Plan } from '../plan/plan.js';
import { type EarlierRun } from './earlier-run.js';
import { slotOf } from './run-slot.js';

/** The kind of entries that send the end of a run to a webhook. */
export const WEBHOOK_ENTRY = 'webhook';

/**
 * The state of a run before its first step, for the first `advance`.
 * It has failed already when the event brings no value for a required parameter (`PARAM_MISSING`) or an invalid one
 * (`PARAM_INVALID`), or none for the key by which runs share slots. It is `queued` when it needs such a slot.
 *
 * @param earlier the tasks and attempts that it takes over from the run that it continues
 */
export function begin(
  plan: Plan,
  scope: RunScope,
  now: number,
  earlier?: EarlierRun,
): ActivityState {
  const ofScope = {
    results: {},
    ...(scope.versions && { scope: scope.versions }),
    ...(earlier && { earlier: earlier.before }),
    ...notifying(plan, scope),
  };
  const given = givenParams(plan.typed, scope.event.params);
  const slot = missingIn(plan, given) ?? invalidIn(plan, given) ?? slotOf(plan, scope, given);
  if (isFailure(slot)) {
    const tasks = allTasks(plan, { status: 'skipped', endedAt: now });
    return { status: 'failed', startedAt: now, endedAt: now, tasks, failure: slot, ...ofScope };
  }
  const tasks = { ...allTasks(plan, { status: 'pending' }), ...earlier?.tasks };
  if (slot !== undefined) return { status: 'queued', startedAt: now, slot, tasks, ...ofScope };
  const { timeoutMs } = plan;
  const timeout = timeoutMs !== undefined && { timeoutAt: now + timeoutMs };
  return { status: 'running', startedAt: now, ...timeout, tasks, ...ofScope };
}

function missingIn({ required }: Plan, given: JsonObject): Failure | undefined {
  const missing = required.filter((name) => memberOf(given, name) === undefined);
  if (missing.length === 0) return undefined;
  const message = `The event has no value for: ${missing.join(', ')}`;
  return workflowFailure(FAILURE_CODES.PARAM_MISSING, message);
}

function invalidIn({ typed }: Plan, given: JsonObject): Failure | undefined {
  const problems = paramProblems(typed, given);
  if (problems.length === 0) return undefined;
  const message = `The event brings values that the workflow does not allow: ${problems.join('; ')}`;
  return workflowFailure(FAILURE_CODES.PARAM_INVALID, message);
}

function isFailure(slot: RunSlot | Failure | undefined): slot is Failure {
  return slot !== undefined && 'code' in slot;
}

/** The entries for the end are holds from the beginning, because every end of a run delivers its holds. */
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
