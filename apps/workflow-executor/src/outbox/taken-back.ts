import { doubleOf, isJsonObject } from '@app/json';
import { type OutboxEntry, WORKER_CANCEL_ENTRY, WORKER_TASK_ENTRY } from '@app/workflow-engine';

/**
 * The ids of entries that ask for what a later one takes back. Nobody has to deliver them: the later one
 * takes back what became of earlier attempts, too, and it must not wait for what may never be taken.
 */
export function takenBack(entries: readonly OutboxEntry[]): ReadonlySet<string> {
  const ids = new Set<string>();
  const attempts = new Set<string>();
  for (const entry of entries.toReversed()) {
    if (entry.kind === WORKER_CANCEL_ENTRY) attempts.add(attemptOf(entry));
    else if (entry.kind === WORKER_TASK_ENTRY && attempts.has(attemptOf(entry))) ids.add(entry.id);
  }
  return ids;
}

function attemptOf({ key, payload }: OutboxEntry): string {
  return `${key}:${isJsonObject(payload) ? (doubleOf(payload['attempt']) ?? '') : ''}`;
}
