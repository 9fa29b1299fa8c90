import { isSameEvent } from '@app/events';
import { type ActivityStatus, type Signal } from '@app/workflow-engine';
import {
  type Activity,
  type ActivityCommit,
  type NewActivity,
  type OutboxChange,
  type RecordOutcome,
} from '../../activities/activity.js';
import { toDocument, toStateFields } from '../../activities/stored/activity-mapping.js';
import {
  activityBytes,
  checkedEventBytes,
  checkedStateBytes,
} from '../../activities/activity-size.js';
import {
  ActivityStore,
  type ActivityPage,
  type ActivityQuery,
  type DueClaim,
  type LeaseRelease,
  type Leaving,
} from '../../activities/activity-store.js';
import { MemoryActivityStore } from './memory-activity-store.js';

type Row = { -readonly [Name in keyof Activity]: Activity[Name] };

const ENDED: readonly ActivityStatus[] = ['succeeded', 'failed', 'cancelled', 'timedout'];

/**
 * What `ActivityStore` says of itself, written down as plainly as can be: a table of rows that are
 * changed in place. It judges revisions, inboxes, leases and takeovers by itself and asks neither
 * MongoDB's adapter nor the memory store, so that a simulation on it shares no mistake with them.
 * Every method does all it does before it returns.
 */
export class NaiveActivityStore extends ActivityStore {
  readonly #rows = new Map<string, Row>();

  /** As it is now; the row itself may change later. */
  peek(id: string): Activity | undefined {
    const row = this.#rows.get(id);
    return row && { ...row };
  }

  override async record(activity: NewActivity): Promise<RecordOutcome> {
    checkedEventBytes(toDocument(activity));
    const row = this.#rows.get(activity.id);
    if (row === undefined) {
      this.#rows.set(activity.id, { ...activity, status: 'queued', lockVersion: 1, inbox: [] });
      return { kind: 'recorded' };
    }
    if (row.event && isSameEvent(activity.event, row.event)) {
      return { kind: 'duplicate', first: row.event };
    }
    row.conflicts = (row.conflicts ?? 0) + 1;
    return { kind: 'conflict' };
  }

  override async recordEarlier(activity: NewActivity): Promise<'replaced' | 'kept'> {
    checkedEventBytes(toDocument(activity));
    const row = this.#rows.get(activity.id);
    if (row === undefined) return 'kept';
    const isTouched = row.state !== undefined || row.leaseOwner !== undefined;
    if (row.status !== 'queued' || isTouched || row.inbox.length > 0) return 'kept';
    if (row.createdAt <= activity.createdAt) return 'kept';
    Object.assign(row, activity);
    row.lockVersion += 1;
    return 'replaced';
  }

  override async commit(commit: ActivityCommit): Promise<'committed' | 'stale'> {
    checkedStateBytes(commit.id, toStateFields(commit.state));
    const row = this.#rows.get(commit.id);
    if (row === undefined || row.lockVersion !== commit.lockVersion) return 'stale';
    row.lockVersion += 1;
    row.state = commit.state;
    row.status = commit.state.status;
    if (commit.stateVersion !== undefined) row.stateVersion = commit.stateVersion;
    for (const id of commit.signals ?? []) row.inbox = row.inbox.filter((one) => one.id !== id);
    if (commit.requires !== undefined) row.requires = commit.requires;
    changeOutbox(row, commit.outbox ?? {});
    if (commit.takeovers !== undefined) setTakeovers(row, commit.takeovers);
    delete row.failure;
    if (commit.state.failure) row.failure = commit.state.failure;
    setWakeUp(row, commit.wakeAt, commit.leaseOwner);
    return 'committed';
  }

  override async withSignals(ids: readonly string[]): Promise<readonly string[]> {
    return ids.filter((id) => (this.#rows.get(id)?.inbox ?? []).length > 0);
  }

  override async get(id: string): Promise<Activity | undefined> {
    return this.peek(id);
  }

  /** As the memory store does it: what a list is like is nothing that a simulation asks for. */
  override list(query: ActivityQuery): Promise<ActivityPage> {
    const memory = new MemoryActivityStore();
    for (const row of this.#rows.values()) memory.put({ ...row });
    return memory.list(query);
  }

  override async signal(
    id: string,
    signal: Signal,
  ): Promise<'appended' | 'duplicate' | 'final' | 'not-found'> {
    const row = this.#rows.get(id);
    if (row === undefined) return 'not-found';
    if (ENDED.includes(row.status)) return 'final';
    if (row.inbox.some((one) => one.id === signal.id)) return 'duplicate';
    row.inbox = [...row.inbox, signal];
    row.lockVersion += 1;
    if (row.leaseOwner === undefined) row.wakeAt = signal.at;
    return 'appended';
  }

  override async claimDue(claim: DueClaim): Promise<readonly Activity[]> {
    const due = [...this.#rows.values()]
      .filter((row) => row.wakeAt !== undefined && isWanted(row, row.wakeAt, claim))
      .filter((row) => !lacksAny(row, claim.features ?? []))
      .sort((a, b) => (a.wakeAt ?? 0) - (b.wakeAt ?? 0));
    const taken: Activity[] = [];
    const rest = due.slice(claim.skip ?? 0);
    let bytes = 0;
    for (const row of (rest.length > 0 ? rest : due).slice(0, claim.limit)) {
      bytes += activityBytes(row);
      if (taken.length > 0 && bytes > (claim.bytesMax ?? Infinity)) break;
      row.lockVersion += 1;
      let delayMs = 0;
      if (row.leaseOwner !== undefined && claim.early === undefined) {
        setTakeovers(row, (row.takeovers ?? 0) + 1);
        delayMs = claim.takeoverDelayMs?.(row.takeovers ?? 0) ?? 0;
      }
      if (delayMs > 0) setWakeUp(row, claim.now + delayMs, undefined);
      else setWakeUp(row, claim.now + claim.leaseMs, claim.owner);
      if (delayMs === 0) taken.push({ ...row });
    }
    return taken;
  }

  override async release({ ids, owner, wakeAt }: LeaseRelease): Promise<void> {
    for (const id of ids) {
      const row = this.#rows.get(id);
      if (row?.leaseOwner !== owner) continue;
      row.lockVersion += 1;
      setWakeUp(row, wakeAt, undefined);
    }
  }

  override async leave({ id, lockVersion, requires, wakeAt, owner }: Leaving): Promise<void> {
    const row = this.#rows.get(id);
    if (row?.lockVersion !== lockVersion || ENDED.includes(row.status)) return;
    if (row.leaseOwner !== undefined && row.leaseOwner !== owner) return;
    row.lockVersion += 1;
    row.requires = requires;
    setWakeUp(row, wakeAt, undefined);
  }

  override async lacking(features: readonly string[], countMax: number): Promise<number> {
    let count = 0;
    for (const row of this.#rows.values()) {
      if (row.wakeAt !== undefined && lacksAny(row, features)) count += 1;
    }
    return Math.min(count, countMax);
  }

  override async dueSince(now: number): Promise<number | undefined> {
    const due = [...this.#rows.values()].flatMap(({ wakeAt }) => wakeAt ?? []);
    return due.filter((at) => at <= now).sort((a, b) => a - b)[0];
  }

  override async backlog(
    countMax: number,
    statuses: readonly string[] = ['queued', 'running', 'waiting'],
  ): Promise<Readonly<Record<string, number>>> {
    const counts: Record<string, number> = Object.fromEntries(statuses.map((one) => [one, 0]));
    for (const { status } of this.#rows.values()) {
      const count = counts[status];
      if (count !== undefined) counts[status] = Math.min(countMax, count + 1);
    }
    return counts;
  }
}

function changeOutbox(row: Row, { posted = [], gone = [], undelivered = [] }: OutboxChange): void {
  const outbox = [...(row.outbox ?? []), ...posted].filter(({ id }) => !gone.includes(id));
  delete row.outbox;
  if (outbox.length > 0) row.outbox = outbox;
  if (undelivered.length > 0) {
    row.undelivered = [...(row.undelivered ?? []), ...undelivered].slice(0, 20);
  }
}

function lacksAny({ requires = [], stateVersion = 1 }: Row, features: readonly string[]): boolean {
  if (stateVersion > 1 && !features.includes(`state:${stateVersion}`)) return true;
  return requires.some((one) => !features.includes(one));
}

function isWanted(row: Row, wakeAt: number, { now, owner, early }: DueClaim): boolean {
  if (early?.kind === 'untouched') return row.lockVersion === 1 && wakeAt <= now + early.withinMs;
  if (early === undefined) return wakeAt <= now;
  return row.leaseOwner === owner && wakeAt > now && !early.exceptIds.includes(row.id);
}

function setTakeovers(row: Row, takeovers: number): void {
  delete row.takeovers;
  if (takeovers > 0) row.takeovers = takeovers;
}

function setWakeUp(row: Row, wakeAt: number | undefined, leaseOwner: string | undefined): void {
  delete row.wakeAt;
  delete row.leaseOwner;
  if (wakeAt !== undefined) row.wakeAt = wakeAt;
  if (leaseOwner !== undefined) row.leaseOwner = leaseOwner;
}
