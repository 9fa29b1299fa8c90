import { type Activity, FIRST_REVISION } from '@app/persistence';
import { type ActivityState, type Signal } from '@app/workflow-engine';

/**
 * What one read of a record, or one commit of one's own, said of it: replaced as a whole, never in
 * parts. The inbox is the one at that revision, because a signal counts the revision up; so a commit
 * on this revision has taken every signal there is, or does not take place.
 */
export interface KnownRecord {
  readonly revision: number;
  /** Absent until the run has begun. */
  readonly state?: ActivityState;
  readonly signals: readonly Signal[];
  /** How many leases in a row ran out. */
  readonly takeovers: number;
}

/** Nobody has written since it was recorded. */
export const NEW_RECORD: KnownRecord = { revision: FIRST_REVISION, signals: [], takeovers: 0 };

export function knownOf({ revision, state, inbox, takeovers = 0 }: Activity): KnownRecord {
  return { revision, signals: inbox, takeovers, ...(state && { state }) };
}

/** After a commit of one's own that took all its signals. */
export function knownAfter(
  before: KnownRecord,
  state: ActivityState,
  takeovers: number,
): KnownRecord {
  return { revision: before.revision + 1, state, signals: [], takeovers };
}
