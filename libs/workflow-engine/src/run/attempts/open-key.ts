import { type OpenKey } from '../../state/activity-state.js';
import { type TaskState } from '../../state/activity-state.js';
import { keyAtOf } from './key-at.js';

type Begun = Extract<TaskState, { status: 'running' | 'waiting' }>;

/** What is open of an attempt that is broken off: whatever was sent under its key may have had an effect. */
export function openOf(state: Begun): { readonly open?: OpenKey } {
  const { attempt, keyAttempt, repeats = 0, unsent = 0 } = state;
  const isSent = state.status === 'running' || state.on.kind === 'worker';
  const wasSent = keyAttempt !== attempt || repeats !== unsent;
  return isSent || wasSent ? { open: { attempt: keyAttempt, at: keyAtOf(state) } } : {};
}
