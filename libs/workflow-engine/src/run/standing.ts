import { type ActivityState, type TaskState, type WaitingFor } from '../activity-state.js';
import { WAITING_FOR_MAX } from '../bounds.js';
import { type Plan } from '../plan/plan.js';

/**
 * How a run that is not over stands after an `advance`: `running` while an effect is under way,
 * `waiting` when only time can move it; and what it waits for, at most `WAITING_FOR_MAX` of it.
 */
export function standing(
  plan: Plan,
  tasks: ActivityState['tasks'],
): Pick<ActivityState, 'status' | 'waitingFor'> {
  const waits: WaitingFor[] = [];
  let status: 'running' | 'waiting' = 'waiting';
  for (const { name } of plan.tasks) {
    const state = tasks[name];
    if (state?.status === 'running') status = 'running';
    const wait = state === undefined ? undefined : waitOf(name, state);
    if (wait !== undefined && waits.length < WAITING_FOR_MAX) waits.push(wait);
  }
  return { status, waitingFor: waits };
}

function waitOf(task: string, state: TaskState): WaitingFor | undefined {
  if (state.status === 'running') {
    const { attempt, startedAt: since, timeoutAt: until } = state;
    const what = `the answer to the HTTP call of attempt ${attempt}`;
    return { task, what, since, ...(until !== undefined && { until }) };
  }
  if (state.status === 'waiting') {
    const { attempt, startedAt: since, until, failure } = state;
    const what = `attempt ${attempt}, because the one before failed (${failure.code})`;
    return { task, what, since, until };
  }
  return undefined;
}
