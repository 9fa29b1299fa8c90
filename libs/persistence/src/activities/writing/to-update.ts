import { Buffer } from 'node:buffer';
import { isFinal } from '@app/workflow-engine';
import { storedBytes, type StoredFields, toStored } from '../../storage/stored-fields.js';
import { type ActivityCommit, FIRST_LOCK_VERSION, type OutboxChange } from '../activity.js';
import { type ActivityDocument } from '../stored/activity-document.js';
import { gated } from '../stored/activity-mapping.js';
import { type StateChange } from '../stored/state-change.js';
import { nextCommitId } from './commit-id.js';
import { type RevisionUpdate, type StoredOutboxChange } from './commit-statement.js';

/** The first version whose states may have results in the collection `results`. */
const STATE_VERSION_WITH_RESULTS_BESIDE = 2;
/** The first version whose states name the versions of parameters and secrets they use. */
const STATE_VERSION_WITH_SCOPE = 3;

type Set = { -readonly [Name in keyof ActivityDocument]?: ActivityDocument[Name] };

/**
 * The write of a commit.
 * @param change undefined when the stored state stays
 */
export function toUpdate(commit: ActivityCommit, change: StateChange | undefined): RevisionUpdate {
  const { id, lockVersion, signals = [], wakeAt, leaseOwner, leaseMs, takeovers } = commit;
  const { outbox } = commit;
  const set: Set = { ...change?.set, ...gates(commit, change) };
  if (wakeAt !== undefined) set.wakeAt = new Date(wakeAt);
  if (leaseOwner !== undefined) set.leaseOwner = leaseOwner;
  if (takeovers !== undefined) set.takeovers = takeovers;
  const unset = unsetBy(commit, change).filter((name) => set[name] === undefined);
  return {
    id,
    lockVersion,
    commitId: nextCommitId(),
    set,
    unset,
    signals,
    ...(change && { kept: change.kept, entries: change.entries }),
    ...(leaseMs !== undefined && { leaseMs }),
    ...(outbox && { outbox: toStoredOutbox(outbox) }),
  };
}

/** The `gate` of a final activity does not depend on its state's version, because no executor runs it any more. */
function gates(
  { state, stateVersion = 1, requires = [] }: ActivityCommit,
  change: StateChange | undefined,
): Partial<ActivityDocument> {
  const ofResults = change?.isOfLater === true ? STATE_VERSION_WITH_RESULTS_BESIDE : 1;
  const needed = state.scope === undefined ? ofResults : STATE_VERSION_WITH_SCOPE;
  const version = Math.max(stateVersion, needed);
  if (!isFinal(state.status)) return gated(requires, version);
  return { ...gated(requires), ...(version > 1 && { stateVersion: version }) };
}

/** Fields that a commit replaces: if the commit lacks one, it is unset. */
const REPLACED_FIELDS = ['wakeAt', 'leaseOwner'] as const;
const REPLACED_WITH_GATES = [...REPLACED_FIELDS, 'requires', 'gate'] as const;
/** Those of them that a new record can have. The others are not named, because each costs MongoDB time. */
const REPLACED_FIRST = ['wakeAt'] as const;
const REPLACED_FIRST_WITH_GATES = [...REPLACED_FIRST, 'requires', 'gate'] as const;

function unsetBy(
  { lockVersion, requires }: ActivityCommit,
  change: StateChange | undefined,
): readonly (keyof ActivityDocument)[] {
  if (lockVersion === FIRST_LOCK_VERSION) {
    return requires === undefined ? REPLACED_FIRST : REPLACED_FIRST_WITH_GATES;
  }
  const replaced = requires === undefined ? REPLACED_FIELDS : REPLACED_WITH_GATES;
  return [...(change?.unset ?? []), ...replaced];
}

function toStoredOutbox({
  posted = [],
  gone = [],
  undelivered = [],
}: OutboxChange): StoredOutboxChange {
  const stored = (one: object): StoredFields => toStored(one);
  return { posted: posted.map(stored), gone, undelivered: undelivered.map(stored) };
}

/**
 * About how many bytes the update takes in a command: a batch of them has to fit into one. An inbox may have
 * `INBOX_MAX` signals with ids of hundreds of bytes, all of which the end of a run takes.
 */
export function updateBytes(
  { set, signals = [], outbox = NO_CHANGE }: RevisionUpdate,
  change: Pick<StateChange, 'writtenBytes'> | undefined,
): number {
  const { posted, gone, undelivered } = outbox;
  let bytes = change?.writtenBytes ?? 0;
  for (const one of [...posted, ...undelivered]) bytes += storedBytes(one);
  for (const id of [...signals, ...gone, ...(set.openWaits ?? [])]) {
    bytes += ENTRY_BYTES + Buffer.byteLength(id);
  }
  return bytes;
}

/** The bytes of an entry of a list besides its text. */
const ENTRY_BYTES = 16;
const NO_CHANGE: StoredOutboxChange = { posted: [], gone: [], undelivered: [] };
