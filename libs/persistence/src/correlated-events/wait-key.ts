import { createHash } from 'node:crypto';
import { toJsonText } from '@app/json';
import { type ActivityState, begunTasks } from '@app/workflow-engine';

/** 132 bits: no two waits of a workflow have the same by chance. */
const KEY_CHARS = 22;

/** What an event and the waits for it have in common within a workflow; what strangers make is not in it as it is. */
export function waitKeyOf(topic: string, correlationKey: string): string {
  const digest = createHash('sha256').update(toJsonText([topic, correlationKey]));
  return digest.digest('base64url').slice(0, KEY_CHARS);
}

/** Of all tasks that wait for an event by a key; none for most states, which cost no look at their tasks. */
export function waitKeysOf({ waitingFor, tasks }: ActivityState): readonly string[] {
  if (waitingFor === undefined) return [];
  const keys = new Set<string>();
  for (const [, task] of begunTasks(tasks)) {
    if (task.status !== 'waiting' || task.on.kind !== 'event') continue;
    const { topic, correlationKey } = task.on;
    if (correlationKey !== undefined) keys.add(waitKeyOf(topic, correlationKey));
  }
  return [...keys];
}
