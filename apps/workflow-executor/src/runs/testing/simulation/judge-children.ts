import { type Activity } from '@app/persistence';
import { type TaskState } from '@app/workflow-engine';
import { type Simulation } from './simulation.js';

/**
 * Says what breaks a promise about runs that tasks begin, once all are over: a child for each attempt and no
 * other; a task that waited ended as its child did; a child that nobody waits for any more did not go on,
 * unless it was to be left.
 */
export function judgeChildren({ activities, records, trace }: Simulation): void {
  const all = activities.flatMap(({ id }) => records.peek(id) ?? []);
  for (const child of all.filter(({ parent }) => parent !== undefined)) {
    const { activity = '', task = '', attempt = 0 } = child.parent ?? {};
    const parent = records.peek(activity);
    const state = parent?.state?.tasks[task];
    const name = `${task} ${attempt} of ${activity.slice(0, 6)}`;
    if (state === undefined) trace.violation(`${name} was never begun, and has a child`);
    else if (!fits(child, state, attempt)) {
      trace.violation(`${name} is ${state.status}, and its child ${child.status}`);
    }
  }
  for (const { id, state } of all) {
    for (const [name, task] of Object.entries(state?.tasks ?? {})) {
      const { activity } = task.status === 'succeeded' ? task.results : {};
      if (typeof activity === 'string' && records.peek(activity)?.parent?.activity !== id) {
        trace.violation(`${name} of ${id.slice(0, 6)} has a child that is not on record`);
      }
    }
  }
}

function fits({ parent, status }: Activity, task: TaskState, attempt: number): boolean {
  // Of an attempt that was over, whatever became of it.
  if (!('attempt' in task) || task.attempt !== attempt || parent?.waits === false) return true;
  if (task.status === 'succeeded') return status === 'succeeded';
  if (task.status === 'timedout') return true;
  const code = task.status === 'failed' ? task.failure.code : '';
  return code !== 'CHILD_FAILED' || status !== 'succeeded';
}
