import { type Activity, FIRST_LOCK_VERSION } from '@app/persistence';
import { type ActivityState, isFinal, type OutboxEntry, type Signal } from '@app/workflow-engine';

/**
 * The most signals of the inbox in one step. A step is computed in one turn of the event loop, and an inbox may have ten times
 * as many. Each event among them is offered to all tasks that wait for it, whose filters may take `EVENT_FILTER_STEPS_MAX`
 * steps together: at 0.13 µs a step, a quarter of a second.
 */
export const STEP_SIGNALS_MAX = 100;

/**
 * The record as of one read, or of one commit of this driver: replaced as a whole, never in parts. The inbox is the
 * one at that lock version, because a signal raises the lock version; so a commit on this lock version knows every
 * signal there is, or fails.
 */
export interface KnownRecord {
  readonly lockVersion: number;
  /** Absent until the run has begun. */
  readonly state?: ActivityState;
  /** The signals of the next step: the first of the inbox, after any cancel. */
  readonly signals: readonly Signal[];
  /** The other signals of the inbox, in order; the driver goes on until there are none. */
  readonly later: readonly Signal[];
  /** How many leases in a row expired. */
  readonly takeovers: number;
  /** The outbox entries that are still on record, in order. */
  readonly outbox: readonly OutboxEntry[];
}

/** No process has written since it was recorded. */
export const NEW_RECORD: KnownRecord = {
  lockVersion: FIRST_LOCK_VERSION,
  signals: [],
  later: [],
  takeovers: 0,
  outbox: [],
};

export function knownOf(found: Activity): KnownRecord {
  const { lockVersion, state, inbox, takeovers = 0, outbox = [] } = found;
  return { lockVersion, ...split(inbox), takeovers, outbox, ...(state && { state }) };
}

/** The record after a commit of this driver, which took the signals of its step, or all of them at the end of the run. */
export function knownAfter(
  before: KnownRecord,
  state: ActivityState,
  takeovers: number,
  outbox: readonly OutboxEntry[],
): KnownRecord {
  const left = isFinal(state.status) ? [] : before.later;
  return { lockVersion: before.lockVersion + 1, state, ...split(left), takeovers, outbox };
}

/** A run that must not begin any more must not begin in a step before the cancel either, so cancels come first. */
function split(inbox: readonly Signal[]): Pick<KnownRecord, 'signals' | 'later'> {
  if (inbox.length <= STEP_SIGNALS_MAX) return { signals: inbox, later: [] };
  const cancels = inbox.filter(({ kind }) => kind === 'cancel');
  const all = [...cancels, ...inbox.filter(({ kind }) => kind !== 'cancel')];
  return { signals: all.slice(0, STEP_SIGNALS_MAX), later: all.slice(STEP_SIGNALS_MAX) };
}

/** Whether the end on record is the one that its writer got no answer to. */
export function isSameWrite(found: KnownRecord, unanswered = NEW_RECORD): boolean {
  const { lockVersion, state } = unanswered;
  return found.lockVersion === lockVersion && found.state?.endedAt === state?.endedAt;
}
