import { createHash } from 'node:crypto';
import { toJsonText } from '@app/json';
import { type ActivityState, begunTasks } from '@app/workflow-engine';

/** 132 bits of the digest, so that no two waits of a workflow collide by chance. */
const KEY_CHARS = 22;

/**
 * The key that an event and the waits for it share within a workflow. It is a digest, because topic and
 * correlation key are input of strangers: any length, any characters.
 */
export function waitKeyOf(topic: string, correlationKey: string): string {
  const digest = createHash('sha256').update(toJsonText([topic, correlationKey]));
  return digest.digest('base64url').slice(0, KEY_CHARS);
}

/**
 * The wait keys of all tasks that wait for an event by correlation key. A state that waits for nothing is
 * answered without a look at its tasks.
 */
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
