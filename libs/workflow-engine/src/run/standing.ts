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
    const { attempt, startedAt: since, timeoutAt: until, queued } = state;
    const answer = `the answer to the HTTP call of attempt ${attempt}`;
    const what = queued ? placeFor(attempt) : answer;
    return { task, what, since, ...(until !== undefined && { until }) };
  }
  if (state.status === 'waiting') {
    const { attempt, startedAt: since, until } = state;
    const what =
      state.for === 'place'
        ? placeFor(attempt)
        : `attempt ${attempt}, because the one before failed (${state.failure.code})`;
    return { task, what, since, until };
  }
  return undefined;
}

function placeFor(attempt: number): string {
  return `a place for the HTTP call of attempt ${attempt}, because as many as may be are under way`;
}
