import { type Activity, FIRST_LOCK_VERSION } from '@app/persistence';
import { type ActivityState, type OutboxEntry, type Signal } from '@app/workflow-engine';

/**
 * What one read of a record, or one commit of one's own, said of it: replaced as a whole, never in
 * parts. The inbox is the one at that lock version, because a signal counts the lock version up; so a commit
 * on this lock version has taken every signal there is, or does not take place.
 */
export interface KnownRecord {
  readonly lockVersion: number;
  /** Absent until the run has begun. */
  readonly state?: ActivityState;
  readonly signals: readonly Signal[];
  /** How many leases in a row ran out. */
  readonly takeovers: number;
  /** What is not off the record yet, in order. */
  readonly outbox: readonly OutboxEntry[];
}

/** Nobody has written since it was recorded. */
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

/** After a commit of one's own that took all its signals. */
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
