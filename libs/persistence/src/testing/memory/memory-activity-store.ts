import { isSameEvent, type CloudEvent } from '@app/events';
import { type ActivityStatus, type Failure, type Signal } from '@app/workflow-engine';
import {
  type Activity,
  type ActivityCommit,
  type NewActivity,
  type RecordOutcome,
} from '../../activities/activity.js';
import {
  ActivityStore,
  type ActivityPage,
  type ActivityQuery,
  type BacklogQuery,
  type ChildrenPage,
  type DueClaim,
  type LeaseRelease,
  type DeliveredRun,
  type UnsupportedRun,
  type SignalOutcome,
} from '../../activities/activity-store.js';
import { ActivityInboxFullError, ActivityTooLargeError } from '../../errors.js';
import { type RunEnd } from '../../activities/run-ends.js';
import { activityPage, countBacklog } from './memory-activity-list.js';
import { isWaitingFor, lacksAny, stateAfter } from './memory-states.js';
import { MemoryWalks } from './memory-walks.js';
import { childrenPage, endOf } from './memory-children.js';
import {
  changeOutbox,
  claimRow,
  isUnclaimed,
  type Row,
  setTakeovers,
  setWakeUp,
  wakeUpBy,
} from './memory-rows.js';
import { Outage } from './outage.js';

const ENDED: readonly ActivityStatus[] = ['succeeded', 'failed', 'cancelled', 'timedout'];
const MIB = 1024 ** 2;

/**
 * The contract of `ActivityStore` in memory: a table of rows that are changed in place. It shares no code
 * with the adapter for MongoDB, so that the two share no mistake; the contract suite tests both. Every
 * method has its whole effect before it returns its promise. `outage.begin()` makes the store unavailable.
 */
export class MemoryActivityStore extends ActivityStore {
  readonly outage = new Outage();
  readonly #rows = new Map<string, Row>();
  readonly #descendants = new Map<string, number>();
  readonly #walks = new MemoryWalks();

  /** A shallow copy of the activity as it is now. */
  peek(id: string): Activity | undefined {
    const row = this.#rows.get(id);
    return row && { ...row };
  }

  /** Whether an activity has ended and has nothing left to deliver; told without a copy. */
  isOver(id: string): boolean {
    const row = this.#rows.get(id);
    return row !== undefined && ENDED.includes(row.status) && row.outbox === undefined;
  }

  /** Stores an activity as it is given, without any check. */
  put(activity: Activity): void {
    this.#rows.set(activity.id, { ...activity });
  }

  override async record(activity: NewActivity): Promise<RecordOutcome> {
    checkEvent(activity);
    this.outage.check('record activities');
    const row = this.#rows.get(activity.id);
    if (row === undefined) {
      this.put({ ...activity, status: 'queued', lockVersion: 1, inbox: [] });
      return { kind: 'recorded' };
    }
    if (row.event && isSameEvent(activity.event, row.event)) {
      return { kind: 'duplicate', first: row.event, isUntouched: row.lockVersion === 1 };
    }
    row.conflicts = (row.conflicts ?? 0) + 1;
    return { kind: 'conflict' };
  }

  override async recordEarlier(activity: NewActivity): Promise<'replaced' | 'kept'> {
    checkEvent(activity);
    this.outage.check('record an earlier event');
    const row = this.#rows.get(activity.id);
    if (row === undefined) return 'kept';
    const isTouched = row.state !== undefined || row.leaseOwner !== undefined;
    if (row.status !== 'queued' || isTouched || row.inbox.length > 0) return 'kept';
    if (row.createdAt <= activity.createdAt) return 'kept';
    const { request, requires, quotaMonth } = activity;
    Object.assign(row, activity, { request, requires, quotaMonth });
    row.lockVersion += 1;
    return 'replaced';
  }

  override async commit(commit: ActivityCommit): Promise<'committed' | 'stale'> {
    const bytes = Buffer.byteLength(JSON.stringify(commit.state));
    if (bytes > 8 * MIB) throw new ActivityTooLargeError(commit.id, 'state', bytes, 8 * MIB);
    this.outage.check('commit activities');
    const row = this.#rows.get(commit.id);
    if (row === undefined || row.lockVersion !== commit.lockVersion) return 'stale';
    row.lockVersion += 1;
    row.state = stateAfter(row.state, commit);
    row.status = commit.state.status;
    if (commit.stateVersion !== undefined) row.stateVersion = commit.stateVersion;
    if (commit.requires !== undefined) row.requires = commit.requires;
    changeOutbox(row, commit.outbox ?? {});
    for (const id of commit.signals ?? []) row.inbox = row.inbox.filter((one) => one.id !== id);
    if (commit.takeovers !== undefined) setTakeovers(row, commit.takeovers);
    delete row.failure;
    if (commit.state.failure) row.failure = commit.state.failure;
    setWakeUp(row, commit.wakeAt, commit.leaseOwner);
    return 'committed';
  }

  override async withSignals(ids: readonly string[]): Promise<readonly string[]> {
    this.outage.check('look at inboxes');
    return ids.filter((id) => (this.#rows.get(id)?.inbox ?? []).length > 0);
  }

  override async get(id: string): Promise<Activity | undefined> {
    this.outage.check('get an activity');
    return this.peek(id);
  }

  override async getWithoutEvent(id: string): Promise<Activity | undefined> {
    this.outage.check('get an activity');
    const found = this.peek(id);
    if (!found) return undefined;
    const { event: _, ...rest } = found;
    return rest;
  }

  override async statusOf(id: string): Promise<ActivityStatus | undefined> {
    this.outage.check('get a status');
    return this.#rows.get(id)?.status;
  }

  override async workflowOf(id: string): Promise<string | undefined> {
    this.outage.check('get the workflow of an activity');
    return this.#rows.get(id)?.workflowId;
  }

  override async endsOf(
    ids: readonly string[],
    resultsBytesMax: number,
  ): Promise<readonly RunEnd[]> {
    this.outage.check('see what became of runs');
    return ids.flatMap((id) => {
      const row = this.#rows.get(id);
      return row ? endOf(row, resultsBytesMax) : [];
    });
  }

  override async recordRefused(
    activity: NewActivity,
    failure: Failure,
  ): Promise<'recorded' | 'there'> {
    this.outage.check('record a refused run');
    if (this.#rows.has(activity.id)) return 'there';
    const { wakeAt: _, ...refused } = activity;
    this.put({ ...refused, status: 'failed', lockVersion: 1, inbox: [], failure });
    return 'recorded';
  }

  override async list(query: ActivityQuery): Promise<ActivityPage> {
    this.outage.check('list activities');
    return activityPage([...this.#rows.values()], query);
  }

  override async children(
    parent: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<ChildrenPage> {
    this.outage.check('list what a run has begun');
    return childrenPage([...this.#rows.values()], parent, page);
  }

  override async countDescendant(
    root: string,
    countMax: number,
  ): Promise<'counted' | 'full' | 'not-found'> {
    this.outage.check('count what runs have begun');
    if (!this.#rows.has(root)) return 'not-found';
    const count = this.#descendants.get(root) ?? 0;
    if (count >= countMax) return 'full';
    this.#descendants.set(root, count + 1);
    return 'counted';
  }

  override async signal(id: string, signal: Signal): Promise<SignalOutcome> {
    this.outage.check('signal an activity');
    const row = this.#rows.get(id);
    if (row === undefined) return 'not-found';
    if (ENDED.includes(row.status)) return 'final';
    if (row.inbox.some((one) => one.id === signal.id)) return 'duplicate';
    if (row.state?.taken?.includes(signal.id) === true) return 'duplicate';
    const wait = signal.kind === 'event' ? signal.wait : undefined;
    if (wait !== undefined && !isWaitingFor(row, wait)) return 'not-waiting';
    if (row.inbox.length >= 1_000) throw new ActivityInboxFullError(id, 1_000);
    if (row.leaseOwner === undefined) row.wakeAt = wakeUpBy(row, signal);
    row.inbox = [...row.inbox, signal];
    row.lockVersion += 1;
    return 'appended';
  }

  override async waitingFor(
    workflowId: string,
    waitKey: string,
    limit: number,
  ): Promise<readonly string[]> {
    this.outage.check('look for waits');
    return [...this.#rows.values()]
      .filter((row) => row.workflowId === workflowId && isWaitingFor(row, waitKey))
      .map(({ id }) => id)
      .sort()
      .slice(0, limit);
  }

  override async claimDue(claim: DueClaim): Promise<readonly Activity[]> {
    this.outage.check('find due activities');
    const taken: Activity[] = [];
    let bytes = 0;
    for (const row of this.#walks.due(this.#rows.values(), claim).slice(0, claim.limit)) {
      bytes += eventBytes(row.event) + JSON.stringify(row.state ?? null).length;
      if (taken.length > 0 && bytes > (claim.bytesMax ?? Infinity)) break;
      this.#walks.note(claim, row);
      if (isUnclaimed(row, claim) || claimRow(row, claim) === 'now') taken.push({ ...row });
    }
    return taken;
  }

  override async release({ ids, owner, wakeAt }: LeaseRelease): Promise<void> {
    this.outage.check('give leases up');
    for (const id of ids) {
      const row = this.#rows.get(id);
      if (row?.leaseOwner !== owner) continue;
      row.lockVersion += 1;
      setWakeUp(row, wakeAt, undefined);
    }
  }

  override async releaseDelivered(runs: readonly DeliveredRun[]): Promise<'all' | 'some'> {
    this.outage.check('release delivered activities');
    let gone = 0;
    for (const { id, lockVersion, delivered, wakeAt } of runs) {
      const row = this.#rows.get(id);
      if (row?.lockVersion !== lockVersion) continue;
      gone += 1;
      row.lockVersion += 1;
      changeOutbox(row, { gone: delivered });
      setWakeUp(row, wakeAt, undefined);
    }
    return gone === runs.length ? 'all' : 'some';
  }

  override async leaveToOtherBuilds(run: UnsupportedRun): Promise<void> {
    this.outage.check('leave an activity to others');
    const { lockVersion, requires, wakeAt, owner } = run;
    const row = this.#rows.get(run.id);
    if (row?.lockVersion !== lockVersion || ENDED.includes(row.status)) return;
    if (row.leaseOwner !== undefined && row.leaseOwner !== owner) return;
    row.lockVersion += 1;
    row.requires = requires;
    setWakeUp(row, wakeAt, undefined);
  }

  override async countUnsupported(features: readonly string[], countMax: number): Promise<number> {
    this.outage.check('count what this build lacks');
    let count = 0;
    for (const row of this.#rows.values()) {
      if (row.wakeAt !== undefined && lacksAny(row, features)) count += 1;
    }
    return Math.min(count, countMax);
  }

  override async dueSince(now: number): Promise<number | undefined> {
    this.outage.check('look at what is due');
    const due = [...this.#rows.values()].flatMap(({ wakeAt }) => wakeAt ?? []);
    return due.filter((at) => at <= now).sort((a, b) => a - b)[0];
  }

  override async backlog(query: BacklogQuery): Promise<Readonly<Record<string, number>>> {
    this.outage.check('count the backlog');
    return countBacklog(this.#rows.values(), query);
  }
}

function checkEvent({ id, event }: NewActivity): void {
  const bytes = eventBytes(event);
  if (bytes > 5 * MIB) throw new ActivityTooLargeError(id, 'event', bytes, 5 * MIB);
}

function eventBytes(event: CloudEvent | undefined): number {
  const { data } = event ?? {};
  if (data === undefined) return 0;
  return data.kind === 'binary' ? data.bytes.length : Buffer.byteLength(data.text);
}
