import { type ActivityCommit } from '@app/persistence';
import { type ActivityState, isFinal, WAITS_FOR_SLOT } from '@app/workflow-engine';
import { type OutboxCommit } from '../../outbox/in-flight-outbox.js';
import { knownAfter, type KnownRecord } from '../known-record.js';
import { madeProgress, phaseOf, wakeUpOf } from './run-phase.js';

/** One write of a driver: the commit, and the known record after it. */
export interface StepCommit {
  readonly commit: ActivityCommit;
  readonly after: KnownRecord;
  /** Whether this executor has the lease after the commit. */
  readonly isLeased: boolean;
}

/**
 * The commit that writes `state` and the change of the outbox, and takes the signals of the step, or all of them at the end
 * of the run.
 * @param lease written while calls or deliveries are in flight, or signals are left; otherwise the record gets a wake-up
 * @param own the features that the run requires of a build
 */
export function stepCommit(
  id: string,
  before: KnownRecord,
  state: ActivityState,
  outbox: OutboxCommit,
  lease: Required<Pick<ActivityCommit, 'wakeAt' | 'leaseOwner' | 'leaseMs'>>,
  now: number,
  own: readonly string[] = [],
): StepCommit {
  const recount = before.takeovers > 0 && madeProgress(before.state, state) && { takeovers: 0 };
  const after = knownAfter(before, state, recount ? 0 : before.takeovers, outbox.entries);
  const isLeased = phaseOf(state) === 'calling' || outbox.isBusy || after.signals.length > 0;
  const wakeUp = isLeased ? lease : wakeUpOf(state, now, outbox.wakeAt);
  const taken = isFinal(state.status) ? [...before.signals, ...before.later] : before.signals;
  const waits = state.status === 'queued' || before.state?.status === 'queued';
  const rest = {
    signals: taken.map(({ id: signal }) => signal),
    ...wakeUp,
    ...recount,
    ...(waits && gateOf(state, own)),
    ...outboxOf(state, outbox),
  };
  const { lockVersion } = before;
  return { commit: { id, lockVersion, state, before: before.state, ...rest }, after, isLeased };
}

/** Marks runs that wait for a slot, so that claims tell them from those that could begin; see `WAITS_FOR_SLOT`. */
function gateOf(
  { status }: ActivityState,
  own: readonly string[],
): Pick<ActivityCommit, 'requires'> {
  const ofRun = own.filter((feature) => feature !== WAITS_FOR_SLOT);
  return { requires: status === 'queued' ? [WAITS_FOR_SLOT, ...ofRun] : ofRun };
}

/** An ended activity requires only the features of its outbox. */
function outboxOf(
  { status }: ActivityState,
  { change, entries, requires }: OutboxCommit,
): Pick<ActivityCommit, 'outbox' | 'requires'> {
  const ofRest = isFinal(status) && entries.length > 0 && { requires };
  return { ...(change && { outbox: change }), ...ofRest };
}
