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
  /** The kind of the entry that cancels the request. */
  readonly cancelledBy: string;
  /**
   * Whether a cancelled request is not delivered. A task of a worker is not: its cancellation must not wait for a
   * request that may never be accepted. A child run is created all the same, so that a late delivery of the same
   * request creates no child after the cancellation.
   */
  readonly isDropped: boolean;
}

/** By the kind of the request: how an attempt of a task cancels it. */
const REQUESTS: ReadonlyMap<string, Request> = new Map([
  [WORKER_TASK_ENTRY, { cancelledBy: WORKER_CANCEL_ENTRY, isDropped: true }],
  [CHILD_REQUEST, { cancelledBy: CHILD_CANCEL, isDropped: false }],
  [CHILD_SCHEDULE, { cancelledBy: CHILD_CANCEL, isDropped: false }],
  [MAP_REQUEST, { cancelledBy: MAP_CANCEL, isDropped: false }],
]);

const NONE: ReadonlySet<string> = new Set();

/** The ids of requests that a later entry cancels. Both have the same key and the same attempt. */
export function cancelledRequests(entries: readonly OutboxEntry[]): ReadonlySet<string> {
  if (entries.length < 2) return NONE;
  const ids = new Set<string>();
  const cancels = new Set<string>();
  for (const entry of entries.toReversed()) {
    const request = REQUESTS.get(entry.kind);
    if (request === undefined) cancels.add(attemptOf(entry.kind, entry));
    else if (cancels.has(attemptOf(request.cancelledBy, entry))) ids.add(entry.id);
  }
  return ids;
}

/** The ids of cancelled requests that are not delivered. */
export function droppedRequests(entries: readonly OutboxEntry[]): ReadonlySet<string> {
  const ids = cancelledRequests(entries);
  if (ids.size === 0) return ids;
  return new Set(
    entries.flatMap(({ id, kind }) =>
      ids.has(id) && REQUESTS.get(kind)?.isDropped === true ? id : [],
    ),
  );
}

function attemptOf(kind: string, { key, payload }: OutboxEntry): string {
  const attempt = isJsonObject(payload) ? doubleOf(payload['attempt']) : undefined;
  return `${kind} ${attempt ?? ''} ${key}`;
}
