import { type ResumeSignal } from '../../state/signal.js';
import { goOnAgain } from '../run-again.js';
import { type RunDraft } from '../run-draft.js';
import { forceTask } from './force-task.js';

/** Begins now every attempt that is waited for, of the run and of its tasks, whether time or an operator would begin it. */
export function resumeRun(run: RunDraft, signal: ResumeSignal): void {
  const { by, reason, request } = signal;
  const paused = run.tasks.table.begun().filter((task) => {
    const state = run.stateOf(task);
    return state.status === 'waiting' && (state.on.kind === 'paused' || state.on.kind === 'retry');
  });
  if (paused.length === 0 && !run.attempts.isBetween) return;
  const known = request !== undefined && { request };
  run.signals.note({ at: run.now, by, what: 'resumed', reason, ...known });
  if (run.attempts.isBetween) goOnAgain(run);
  for (const { name: task } of paused) {
    forceTask(run, { ...signal, kind: 'force', task, outcome: 'retried' }, 'as a part');
  }
}
