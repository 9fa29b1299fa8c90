import { type ActivityStatus, type Signal } from '@app/workflow-engine';
import { type Model } from 'mongoose';
import { randomUUID } from 'node:crypto';
import { type MongoLink } from '../connection/mongo-link.js';
import {
  GroupCommitter,
  type BatchFacts,
  type GroupCommitSettings,
} from '../group-commit/group-committer.js';
import {
  type Activity,
  type ActivityCommit,
  type NewActivity,
  type OutboxChange,
  type RecordOutcome,
} from './activity.js';
import { type ActivityDocument, type RecordedDocument } from './stored/activity-document.js';
import { listActivities } from './activity-list.js';
import { gated, toDocument, toDomain, toStateFields } from './stored/activity-mapping.js';
import { checkedEventBytes, checkedStateBytes } from './activity-size.js';
import {
  ActivityStore,
  type ActivityPage,
  type ActivityQuery,
  type DueClaim,
  type Leaving,
  type LeaseRelease,
} from './activity-store.js';
import { ACTIVITIES, IS_OPEN } from './stored/activity.schema.js';
import { storedBytes, type StoredFields, toStored } from '../storage/stored-fields.js';
import {
  CommitWriter,
  type RevisionUpdate,
  type StoredOutboxChange,
} from './writing/commit-writer.js';
import { claimDue, dueSince } from './claiming/due-claim.js';
import { countLacking, leave } from './claiming/gates.js';
import { appendSignal, OPEN_STATUSES, type SignalOutcome, withSignals } from './writing/inbox.js';
import { recordEarlier } from './writing/record-earlier.js';
import { RecordWriter } from './writing/record-writer.js';

export interface ActivityStoreSettings {
  readonly groupCommit: GroupCommitSettings;
  readonly observe?: (batch: BatchFacts) => void;
}

interface Sized<T> {
  readonly item: T;
  readonly bytes: number;
}

/**
 * Activities in MongoDB. The two hot writes, `record` and `commit`, go through a group committer
 * each and the driver's own collection, because casting each document costs more than the write.
 */
export class MongoActivityStore extends ActivityStore {
  readonly #activities: Model<ActivityDocument>;
  readonly #link: MongoLink;
  readonly #commitWriter: CommitWriter;
  readonly #records: GroupCommitter<Sized<RecordedDocument>, RecordOutcome>;
  readonly #commits: GroupCommitter<Sized<RevisionUpdate>, 'committed' | 'stale'>;

  constructor(
    activities: Model<ActivityDocument>,
    link: MongoLink,
    { groupCommit, observe }: ActivityStoreSettings,
  ) {
    super();
    this.#activities = activities;
    this.#link = link;
    this.#commitWriter = new CommitWriter(link);
    const recordWriter = new RecordWriter(link);
    const shared = {
      settings: groupCommit,
      ...(observe && { observe }),
    };
    this.#records = new GroupCommitter({
      ...shared,
      bytesOf: ({ bytes }) => bytes,
      operation: 'record',
      write: (batch) => recordWriter.write(batch.map(({ item }) => item)),
    });
    this.#commits = new GroupCommitter({
      ...shared,
      bytesOf: ({ bytes }) => bytes,
      operation: 'commit',
      write: (batch) => this.#commitWriter.write(batch.map(({ item }) => item)),
    });
  }

  override async record(activity: NewActivity): Promise<RecordOutcome> {
    const item = toDocument(activity);
    const bytes = checkedEventBytes(item);
    return this.#records.add({ item, bytes });
  }

  override async recordEarlier(activity: NewActivity): Promise<'replaced' | 'kept'> {
    const document = toDocument(activity);
    checkedEventBytes(document);
    return recordEarlier(this.#link, document);
  }

  override async commit(commit: ActivityCommit): Promise<'committed' | 'stale'> {
    const { id, lockVersion, state, signals = [], wakeAt, leaseOwner, leaseMs, takeovers } = commit;
    const { stateVersion = 1, requires, outbox } = commit;
    const fields = toStateFields(state);
    const bytes = checkedStateBytes(id, fields);
    const set: { -readonly [Name in keyof ActivityDocument]?: ActivityDocument[Name] } = {
      ...fields,
      status: state.status,
      ...gated(requires ?? [], stateVersion),
    };
    if (wakeAt !== undefined) set.wakeAt = new Date(wakeAt);
    if (leaseOwner !== undefined) set.leaseOwner = leaseOwner;
    if (takeovers !== undefined) set.takeovers = takeovers;
    const replaced = requires === undefined ? REPLACED_FIELDS : REPLACED_WITH_GATES;
    const unset = replaced.filter((name) => set[name] === undefined);
    const more = {
      ...(leaseMs !== undefined && { leaseMs }),
      ...(outbox && { outbox: toStoredOutbox(outbox) }),
    };
    const item = { id, lockVersion, commitId: randomUUID(), set, unset, signals, ...more };
    return this.#commits.add({ item, bytes: bytes + outboxBytes(more.outbox) });
  }

  override async get(id: string): Promise<Activity | undefined> {
    const found = await this.#link.run('get an activity', () =>
      this.#activities.findById(id).lean(),
    );
    return found ? toDomain(found) : undefined;
  }

  override async list(query: ActivityQuery): Promise<ActivityPage> {
    return this.#link.run('list activities', () => listActivities(this.#activities, query));
  }

  override async signal(id: string, signal: Signal): Promise<SignalOutcome> {
    return appendSignal(this.#activities, this.#link, id, signal);
  }

  override async withSignals(ids: readonly string[]): Promise<readonly string[]> {
    return withSignals(this.#link, ids);
  }

  override async claimDue(claim: DueClaim): Promise<readonly Activity[]> {
    return claimDue(this.#link, this.#commitWriter, claim);
  }

  /** By the owner's name and not by revision, so that a signal that came meanwhile changes nothing. */
  override async release({ ids, owner, wakeAt }: LeaseRelease): Promise<void> {
    await this.#link.run('give leases up', (db) =>
      db.collection<ActivityDocument>(ACTIVITIES).updateMany(
        { _id: { $in: [...ids] }, leaseOwner: owner },
        {
          $set: { wakeAt: new Date(wakeAt) },
          $unset: { leaseOwner: true },
          $inc: { revision: 1 },
        },
      ),
    );
  }

  override async leave(leaving: Leaving): Promise<void> {
    await leave(this.#link, leaving);
  }

  override async lacking(features: readonly string[], countMax: number): Promise<number> {
    return countLacking(this.#link, features, countMax);
  }

  override async dueSince(now: number): Promise<number | undefined> {
    return dueSince(this.#activities, this.#link, now);
  }

  override async backlog(
    countMax: number,
    statuses: readonly ActivityStatus[] = OPEN_STATUSES,
  ): Promise<Readonly<Record<string, number>>> {
    const counts = await this.#link.run('count the backlog', () =>
      Promise.all(
        statuses.map((status) =>
          this.#activities.countDocuments({ status, ...IS_OPEN }).limit(countMax),
        ),
      ),
    );
    return Object.fromEntries(statuses.map((status, index) => [status, counts[index] ?? 0]));
  }
}

/** What a commit replaces as a whole: absent in it means absent afterwards. */
const REPLACED_FIELDS = ['failure', 'waitingFor', 'wakeAt', 'leaseOwner'] as const;
const REPLACED_WITH_GATES = [...REPLACED_FIELDS, 'requires', 'gate'] as const;

function toStoredOutbox({
  posted = [],
  gone = [],
  undelivered = [],
}: OutboxChange): StoredOutboxChange {
  const stored = (one: object): StoredFields => toStored(one);
  return { posted: posted.map(stored), gone, undelivered: undelivered.map(stored) };
}

function outboxBytes({ posted, undelivered }: StoredOutboxChange = NO_CHANGE): number {
  return [...posted, ...undelivered].reduce((sum, one) => sum + storedBytes(one), 0);
}

const NO_CHANGE: StoredOutboxChange = { posted: [], gone: [], undelivered: [] };
