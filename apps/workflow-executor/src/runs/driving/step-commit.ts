import { type ActivityCommit } from '@app/persistence';
import { type ActivityState, isFinal } from '@app/workflow-engine';
import { type OutboxCommit } from '../../outbox/outbox-in-hand.js';
import { knownAfter, type KnownRecord } from '../known-record.js';
import { movesOn, standingOf, wakeUpOf } from './standing-of.js';

/** One write of a driver: the commit, and what is known of the record once it has taken place. */
export interface StepCommit {
  readonly commit: ActivityCommit;
  readonly after: KnownRecord;
  /** Whether the record says from then on that this executor has it. */
  readonly isLeased: boolean;
}

/** @param lease for as long as calls or deliveries are under way; else the record has a wake-up */
export function stepCommit(
  id: string,
  before: KnownRecord,
  state: ActivityState,
  outbox: OutboxCommit,
  signals: readonly string[],
  lease: Required<Pick<ActivityCommit, 'wakeAt' | 'leaseOwner' | 'leaseMs'>>,
  now: number,
): StepCommit {
  const isLeased = standingOf(state) === 'calling' || outbox.isBusy;
  const wakeUp = isLeased ? lease : wakeUpOf(state, now, outbox.wakeAt);
  const recount = before.takeovers > 0 && movesOn(before.state, state) && { takeovers: 0 };
  const after = knownAfter(before, state, recount ? 0 : before.takeovers, outbox.entries);
  const rest = { signals, ...wakeUp, ...recount, ...outboxOf(state, outbox) };
  const { lockVersion } = before;
  return { commit: { id, lockVersion, state, before: before.state, ...rest }, after, isLeased };
}

/** What has ended needs of a build what its outbox does, and nothing else. */
function outboxOf(
  { status }: ActivityState,
  { change, entries, requires }: OutboxCommit,
): Pick<ActivityCommit, 'outbox' | 'requires'> {
  const ofRest = isFinal(status) && entries.length > 0 && { requires };
  return { ...(change && { outbox: change }), ...ofRest };
}
