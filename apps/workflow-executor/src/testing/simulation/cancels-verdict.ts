import { type Activity, type ActivityCommit } from '@app/persistence';
import { type TaskState } from '@app/workflow-engine';
import { type Trace } from './trace.js';
import { type Watcher } from './simulation.js';

/** The entries that cancel the runs of a task, of which each has one. */
const CANCELS = ['child-cancel', 'map-cancel'];
/** The one task that leaves its run to itself. */
const LEAVES = 'leave';

/**
 * Says it when a task stops to wait for runs that it began, by an operator, a timeout or a cancellation, and the same commit
 * does not ask for their cancellation.
 */
export function cancelsVerdict(trace: Trace): Watcher {
  return {
    onSignal: () => undefined,
    onCommit: (before: Activity, { id, state, outbox }: ActivityCommit) => {
      for (const [task, was] of Object.entries(before.state?.tasks ?? {})) {
        const is = state.tasks[task];
        if (was.status !== 'waiting' || was.on.kind !== 'children' || task === LEAVES) continue;
        if (!is || !isBrokenOff(is)) continue;
        const isCancelled = outbox?.posted?.some(({ kind, payload }) => {
          const meant = payload as { readonly task?: string; readonly attempt?: number };
          return CANCELS.includes(kind) && meant.task === task && meant.attempt === was.attempt;
        });
        if (isCancelled !== true)
          trace.violation(`${id.slice(0, 6)}:${task} is ${is.status}, and leaves its runs behind`);
      }
    },
  };
}

/** Whether the wait ended otherwise than by what became of the runs. */
function isBrokenOff(is: TaskState): boolean {
  if (is.status === 'cancelled' || is.status === 'timedout' || 'forced' in is) return true;
  return is.status === 'waiting' && is.on.kind === 'retry' && isForced(is.on.failure.code);
}

function isForced(code: string): boolean {
  return code === 'TASK_FORCED' || code === 'TASK_TIMEOUT';
}
