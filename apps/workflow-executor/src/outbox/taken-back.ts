import { doubleOf, isJsonObject } from '@app/json';
import {
  CHILD_CANCEL,
  CHILD_REQUEST,
  CHILD_SCHEDULE,
  MAP_CANCEL,
  MAP_REQUEST,
  type OutboxEntry,
  WORKER_CANCEL_ENTRY,
  WORKER_TASK_ENTRY,
} from '@app/workflow-engine';

interface Request {
  /** The kind of the entry that takes the request back. */
  readonly takenBackBy: string;
  /**
   * Whether a request that was taken back needs no delivery. A task of a worker needs none: its cancellation must not
   * wait for a request that may never be accepted. A child run is made all the same, so that a late delivery of the
   * same request does not make a child after the cancellation.
   */
  readonly isNeedless: boolean;
}

/** By the kind of the request: the entries by which an attempt of a task takes a request back. */
const REQUESTS: ReadonlyMap<string, Request> = new Map([
  [WORKER_TASK_ENTRY, { takenBackBy: WORKER_CANCEL_ENTRY, isNeedless: true }],
  [CHILD_REQUEST, { takenBackBy: CHILD_CANCEL, isNeedless: false }],
  [CHILD_SCHEDULE, { takenBackBy: CHILD_CANCEL, isNeedless: false }],
  [MAP_REQUEST, { takenBackBy: MAP_CANCEL, isNeedless: false }],
]);

const NONE: ReadonlySet<string> = new Set();

/** The ids of entries that a later entry takes back. Both have the same key and the same attempt. */
export function takenBack(entries: readonly OutboxEntry[]): ReadonlySet<string> {
  if (entries.length < 2) return NONE;
  const ids = new Set<string>();
  const taking = new Set<string>();
  for (const entry of entries.toReversed()) {
    const request = REQUESTS.get(entry.kind);
    if (request === undefined) taking.add(attemptOf(entry.kind, entry));
    else if (taking.has(attemptOf(request.takenBackBy, entry))) ids.add(entry.id);
  }
  return ids;
}

/** The ids of entries that a later entry takes back and that need no delivery. */
export function needless(entries: readonly OutboxEntry[]): ReadonlySet<string> {
  const ids = takenBack(entries);
  if (ids.size === 0) return ids;
  return new Set(
    entries.flatMap(({ id, kind }) =>
      ids.has(id) && REQUESTS.get(kind)?.isNeedless === true ? id : [],
    ),
  );
}

function attemptOf(kind: string, { key, payload }: OutboxEntry): string {
  const attempt = isJsonObject(payload) ? doubleOf(payload['attempt']) : undefined;
  return `${kind} ${attempt ?? ''} ${key}`;
}
