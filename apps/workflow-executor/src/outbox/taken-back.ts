import { doubleOf, isJsonObject } from '@app/json';
import {
  CHILD_CANCEL,
  CHILD_REQUEST,
  MAP_CANCEL,
  MAP_REQUEST,
  type OutboxEntry,
  WORKER_CANCEL_ENTRY,
  WORKER_TASK_ENTRY,
} from '@app/workflow-engine';

/** What takes back what an attempt asks for: work of a worker, or runs, whose effects nobody could take back. */
const CANCEL_OF: ReadonlyMap<string, string> = new Map([
  [WORKER_TASK_ENTRY, WORKER_CANCEL_ENTRY],
  [CHILD_REQUEST, CHILD_CANCEL],
  [MAP_REQUEST, MAP_CANCEL],
]);
const CANCELS: ReadonlySet<string> = new Set(CANCEL_OF.values());

/**
 * The ids of entries that ask for what a later one takes back. Nobody has to deliver them: the later one
 * takes back what became of earlier attempts, too, and it must not wait for what may never be taken.
 */
export function takenBack(entries: readonly OutboxEntry[]): ReadonlySet<string> {
  const ids = new Set<string>();
  const attempts = new Set<string>();
  for (const entry of entries.toReversed()) {
    const cancel = CANCEL_OF.get(entry.kind);
    if (CANCELS.has(entry.kind)) attempts.add(attemptOf(entry, entry.kind));
    else if (cancel !== undefined && attempts.has(attemptOf(entry, cancel))) ids.add(entry.id);
  }
  return ids;
}

function attemptOf({ key, payload }: OutboxEntry, cancel: string): string {
  return `${cancel}:${key}:${isJsonObject(payload) ? (doubleOf(payload['attempt']) ?? '') : ''}`;
}
