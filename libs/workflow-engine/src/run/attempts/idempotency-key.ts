import { type OpenKey, type TaskState } from '../../state/activity-state.js';

type Begun = Extract<TaskState, { status: 'running' | 'waiting' }>;

/** The open key of an attempt that is broken off: a call under it may have had an effect. */
export function openOf(state: Begun): { readonly open?: OpenKey } {
  const { attempt, keyAttempt, repeats = 0, unsent = 0 } = state;
  const isSent = state.status === 'running' || state.on.kind === 'worker';
  const wasSent = keyAttempt !== attempt || repeats !== unsent;
  return isSent || wasSent ? { open: { attempt: keyAttempt, at: keyAtOf(state) } } : {};
}

/** When the first attempt with this key was handed out; all calls under one key send that instant. */
export function keyAtOf(attempt: { readonly keyAt?: number; readonly startedAt: number }): number {
  return attempt.keyAt ?? attempt.startedAt;
}
