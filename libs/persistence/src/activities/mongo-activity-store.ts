import { type ActivityStatus, type Failure, type Signal } from '@app/workflow-engine';
import { type Model } from 'mongoose';
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
  type RecordOutcome,
} from './activity.js';
import { type ActivityDocument, type RecordedDocument } from './stored/activity-document.js';
import { childrenOf, countDescendant } from './activity-children.js';
import { listActivities } from './activity-list.js';
import { toDocument } from './stored/activity-mapping.js';
import { checkedEventBytes, checkStateBytes } from './activity-size.js';
import {
  ActivityStore,
  type ActivityPage,
  type ActivityQuery,
  type BacklogQuery,
  type ChildrenPage,
  type DueClaim,
  type UnsupportedRun,
  type LeaseRelease,
  type DeliveredRun,
  type SignalOutcome,
} from './activity-store.js';
import { countBacklog } from './count-backlog.js';
import { ACTIVITIES } from './stored/activity.schema.js';
import { endsOf, type RunEnd } from './run-ends.js';
import { readTogether } from './beside/read-together.js';
import { type ResultTexts, ResultWriter } from './beside/result-writer.js';
import { stateChange } from './stored/state-change.js';
import { type RevisionUpdate } from './writing/commit-statement.js';
import { CommitWriter } from './writing/commit-writer.js';
import { toUpdate, updateBytes } from './writing/to-update.js';
import { claimDue } from './claiming/due-claim.js';
import { DueReader } from './claiming/due-reader.js';
import { dueSince } from './claiming/find-due.js';
import { countUnsupported, leaveToOtherBuilds } from './claiming/gates.js';
import { releaseDelivered } from './claiming/release-delivered.js';
import { waitingFor, withSignals } from './writing/inbox.js';
import { recordEarlier } from './writing/record-earlier.js';
import { recordRefused } from './writing/record-refused.js';
import { RecordWriter } from './writing/record-writer.js';
import { SignalWriter } from './writing/signal-writer.js';

export interface ActivityStoreSettings {
  readonly groupCommit: GroupCommitSettings;
  readonly observe?: (batch: BatchFacts) => void;
}

interface Sized<T> {
  readonly item: T;
  readonly bytes: number;
}

/**
 * Activities in MongoDB. The two hot writes, `record` and `commit`, and `get`, go through a group committer
 * each and the driver's own collection, because casting each document costs more than the write.
 */
export class MongoActivityStore extends ActivityStore {
  readonly #activities: Model<ActivityDocument>;
  readonly #link: MongoLink;
  readonly #commitWriter: CommitWriter;
  readonly #dueReader: DueReader;
  readonly #records: GroupCommitter<Sized<RecordedDocument>, RecordOutcome>;
  readonly #results: GroupCommitter<ResultTexts, 'written'>;
  readonly #commits: GroupCommitter<Sized<RevisionUpdate>, 'committed' | 'stale'>;
  readonly #signals: SignalWriter;
  readonly #reads: GroupCommitter<string, Activity | undefined>;
  readonly #readsWithoutEvent: GroupCommitter<string, Activity | undefined>;

  constructor(
    activities: Model<ActivityDocument>,
    link: MongoLink,
    { groupCommit, observe }: ActivityStoreSettings,
  ) {
    super();
    this.#activities = activities;
    this.#link = link;
    this.#commitWriter = new CommitWriter(link);
    this.#dueReader = new DueReader(link);
    this.#signals = new SignalWriter(activities, link, groupCommit);
    const recordWriter = new RecordWriter(link);
    const resultWriter = new ResultWriter(link);
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
    this.#results = new GroupCommitter({
      ...shared,
      bytesOf: ({ bytes }) => bytes,
      operation: 'results',
      write: (batch) => resultWriter.write(batch),
    });
    this.#commits = new GroupCommitter({
      ...shared,
      bytesOf: ({ bytes }) => bytes,
      operation: 'commit',
      write: (batch) => this.#commitWriter.write(batch.map(({ item }) => item)),
    });
    const reads = { settings: groupCommit, bytesOf: () => 0, operation: 'get' } as const;
    this.#reads = new GroupCommitter({ ...reads, write: (batch) => readTogether(link, batch) });
    this.#readsWithoutEvent = new GroupCommitter({
      ...reads,
      write: (batch) => readTogether(link, batch, { event: 0 }),
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
    const { id, state, before } = commit;
    const isSame = state === before;
    const change = isSame ? undefined : stateChange(state, before);
    if (change) {
      checkStateBytes(id, change.bytes);
      const { byDigest, bytes } = change.texts;
      // Before the commit, so that a stored state never refers to results that are not stored.
      if (byDigest.size > 0) await this.#results.add({ activityId: id, byDigest, bytes });
    }
    const item = toUpdate(commit, change);
    return this.#commits.add({ item, bytes: updateBytes(item, change) });
  }

  override async get(id: string): Promise<Activity | undefined> {
    return this.#reads.add(id);
  }

  override async getWithoutEvent(id: string): Promise<Activity | undefined> {
    return this.#readsWithoutEvent.add(id);
  }

  override async statusOf(id: string): Promise<ActivityStatus | undefined> {
    const found = await this.#link.run('get a status', () =>
      this.#activities.findById(id, { status: 1 }).lean(),
    );
    return found?.status;
  }

  override async workflowOf(id: string): Promise<string | undefined> {
    const found = await this.#link.run('get the workflow of an activity', () =>
      this.#activities.findById(id, { workflowId: 1 }).lean(),
    );
    return found?.workflowId;
  }

  override async endsOf(
    ids: readonly string[],
    resultsBytesMax: number,
  ): Promise<readonly RunEnd[]> {
    return this.#link.run('see what became of runs', (db) => endsOf(db, ids, resultsBytesMax));
  }

  override async recordRefused(
    activity: NewActivity,
    failure: Failure,
  ): Promise<'recorded' | 'there'> {
    return recordRefused(this.#link, activity, failure);
  }

  override async list(query: ActivityQuery): Promise<ActivityPage> {
    return this.#link.run('list activities', () => listActivities(this.#activities, query));
  }

  override async children(
    parent: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<ChildrenPage> {
    return this.#link.run('list what a run has begun', () =>
      childrenOf(this.#activities, parent, page),
    );
  }

  override async countDescendant(
    root: string,
    countMax: number,
  ): Promise<'counted' | 'full' | 'not-found'> {
    return countDescendant(this.#link, root, countMax);
  }

  override async signal(id: string, signal: Signal): Promise<SignalOutcome> {
    return this.#signals.write(id, signal);
  }

  override async waitingFor(
    workflowId: string,
    waitKey: string,
    limit: number,
  ): Promise<readonly string[]> {
    return waitingFor(this.#link, workflowId, waitKey, limit);
  }

  override async withSignals(ids: readonly string[]): Promise<readonly string[]> {
    return withSignals(this.#link, ids);
  }

  override async claimDue(claim: DueClaim): Promise<readonly Activity[]> {
    return claimDue(this.#link, this.#dueReader, this.#commitWriter, claim);
  }

  /**
   * The condition is the owner's name and not the lock version, so a signal that arrived meanwhile does not prevent the
   * release.
   */
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

  override async releaseDelivered(runs: readonly DeliveredRun[]): Promise<'all' | 'some'> {
    return releaseDelivered(this.#link, runs);
  }

  override async leaveToOtherBuilds(leaving: UnsupportedRun): Promise<void> {
    await leaveToOtherBuilds(this.#link, leaving);
  }

  override async countUnsupported(features: readonly string[], countMax: number): Promise<number> {
    return countUnsupported(this.#link, features, countMax);
  }

  override async dueSince(now: number): Promise<number | undefined> {
    return dueSince(this.#link, now);
  }

  override async backlog(query: BacklogQuery): Promise<Readonly<Record<string, number>>> {
    return this.#link.run('count the backlog', () => countBacklog(this.#activities, query));
  }
}
