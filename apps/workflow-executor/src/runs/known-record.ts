import { type Activity, FIRST_LOCK_VERSION } from '@app/persistence';
import { type ActivityState, type OutboxEntry, type Signal } from '@app/workflow-engine';

/**
 * The record as of one read, or of one commit of this driver: replaced as a whole, never in parts. The inbox is the
 * one at that lock version, because a signal raises the lock version; so a commit on this lock version has taken
 * every signal there is, or fails.
 */
export interface KnownRecord {
  readonly lockVersion: number;
  /** Absent until the run has begun. */
  readonly state?: ActivityState;
  readonly signals: readonly Signal[];
  /** How many leases in a row expired. */
  readonly takeovers: number;
  /** The outbox entries that are still on record, in order. */
  readonly outbox: readonly OutboxEntry[];
}

/** No process has written since it was recorded. */
export const NEW_RECORD: KnownRecord = {
  lockVersion: FIRST_LOCK_VERSION,
  signals: [],
  takeovers: 0,
  outbox: [],
};

export function knownOf(found: Activity): KnownRecord {
  const { lockVersion, state, inbox, takeovers = 0, outbox = [] } = found;
  return { lockVersion, signals: inbox, takeovers, outbox, ...(state && { state }) };
}

/** The record after a commit of this driver, which took all its signals. */
export function knownAfter(
  before: KnownRecord,
  state: ActivityState,
  takeovers: number,
  outbox: readonly OutboxEntry[],
): KnownRecord {
  return { lockVersion: before.lockVersion + 1, state, signals: [], takeovers, outbox };
}

/** Whether the end on record is the one that its writer got no answer to. */
export function isSameWrite(found: KnownRecord, unanswered = NEW_RECORD): boolean {
  const { lockVersion, state } = unanswered;
  return found.lockVersion === lockVersion && found.state?.endedAt === state?.endedAt;
}
