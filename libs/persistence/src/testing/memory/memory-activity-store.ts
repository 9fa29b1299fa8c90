import { isSameEvent } from '@app/events';
import { type ActivityStatus, isFinal, type Signal, type TaskState } from '@app/workflow-engine';
import {
  FIRST_LOCK_VERSION,
  UNDELIVERED_MAX,
  type Activity,
  type ActivityCommit,
  type NewActivity,
  type RecordOutcome,
} from '../../activities/activity.js';
import { inOrder, orderOf, placeOf, toPage, toPlace } from '../../activities/activity-list.js';
import {
  ActivityStore,
  type ActivityPage,
  type ActivityQuery,
  type DueClaim,
  type ListedActivity,
  type LeaseRelease,
  type Leaving,
} from '../../activities/activity-store.js';
import { INBOX_MAX, OPEN_STATUSES, type SignalOutcome } from '../../activities/writing/inbox.js';
import { takingOf, within } from '../../activities/claiming/due-claim.js';
import { toDocument, toStateFields } from '../../activities/stored/activity-mapping.js';
import {
  activityBytes,
  checkedEventBytes,
  checkedStateBytes,
} from '../../activities/activity-size.js';
import { ActivityInboxFullError } from '../../errors.js';
import { Outage } from './outage.js';

/** The contract of `ActivityStore` in memory. `outage.begin()` makes it unavailable. */
export class MemoryActivityStore extends ActivityStore {
  readonly outage = new Outage();
  readonly #activities = new Map<string, Activity>();

  override async record(activity: NewActivity): Promise<RecordOutcome> {
    checkedEventBytes(toDocument(activity));
    this.outage.check('record activities');
    const existing = this.#activities.get(activity.id);
    if (!existing) {
      this.put({ ...activity, status: 'queued', lockVersion: FIRST_LOCK_VERSION, inbox: [] });
      return { kind: 'recorded' };
    }
    if (existing.event && isSameEvent(activity.event, existing.event)) {
      return { kind: 'duplicate', first: existing.event };
    }
    this.put({ ...existing, conflicts: (existing.conflicts ?? 0) + 1 });
    return { kind: 'conflict' };
  }

  override async recordEarlier(activity: NewActivity): Promise<'replaced' | 'kept'> {
    checkedEventBytes(toDocument(activity));
    this.outage.check('record an earlier event');
    const existing = this.#activities.get(activity.id);
    if (existing?.status !== 'queued' || existing.createdAt <= activity.createdAt) return 'kept';
    const { state, leaseOwner, inbox, lockVersion } = existing;
    if (state !== undefined || leaseOwner !== undefined || inbox.length > 0) return 'kept';
    this.put({ ...existing, ...activity, lockVersion: lockVersion + 1 });
    return 'replaced';
  }

  override async commit(commit: ActivityCommit): Promise<'committed' | 'stale'> {
    const { id, lockVersion, state, signals = [], wakeAt, leaseOwner, takeovers } = commit;
    checkedStateBytes(id, toStateFields(state));
    this.outage.check('commit activities');
    const existing = this.#activities.get(id);
    if (existing?.lockVersion !== lockVersion) return 'stale';
    const { workflowId, workflowRevision, trigger, createdAt, event, conflicts } = existing;
    const { requires, stateVersion = commit.stateVersion } = { ...existing, ...commit };
    const { gone = [], posted = [], undelivered: refused = [] } = commit.outbox ?? {};
    const rest = (existing.outbox ?? []).filter((entry) => !gone.includes(entry.id));
    const outbox = [...rest, ...posted];
    const undelivered = [...(existing.undelivered ?? []), ...refused].slice(0, UNDELIVERED_MAX);
    this.put({
      id,
      workflowId,
      workflowRevision,
      trigger,
      createdAt,
      ...(event && { event }),
      ...(requires && { requires }),
      ...(stateVersion !== undefined && { stateVersion }),
      ...(conflicts !== undefined && { conflicts }),
      state,
      status: state.status,
      lockVersion: lockVersion + 1,
      inbox: existing.inbox.filter((signal) => !signals.includes(signal.id)),
      ...(outbox.length > 0 && { outbox }),
      ...(undelivered.length > 0 && { undelivered }),
      ...(state.failure && { failure: state.failure }),
      ...(wakeAt !== undefined && { wakeAt }),
      ...(leaseOwner !== undefined && { leaseOwner }),
      ...counted(takeovers ?? existing.takeovers),
    });
    return 'committed';
  }

  override async get(id: string): Promise<Activity | undefined> {
    this.outage.check('get an activity');
    return this.#activities.get(id);
  }

  override async list(query: ActivityQuery): Promise<ActivityPage> {
    this.outage.check('list activities');
    const { workflowId, status, refused, limit, cursor } = query;
    const by = orderOf(status);
    const place = cursor === undefined ? undefined : toPlace(cursor);
    const found = [...this.#activities.values()]
      .filter((activity) => workflowId === undefined || activity.workflowId === workflowId)
      .filter((activity) => status === undefined || activity.status === status)
      .filter(({ refusal }) => refused === undefined || (refusal !== undefined) === refused)
      .filter((activity) => place === undefined || inOrder(by)(place, placeOf(activity, by)) < 0);
    return toPage([{ found: found.map(listed) }], by, limit);
  }

  override async signal(id: string, signal: Signal): Promise<SignalOutcome> {
    this.outage.check('signal an activity');
    const existing = this.#activities.get(id);
    if (!existing) return 'not-found';
    if (isFinal(existing.status)) return 'final';
    if (existing.inbox.some((known) => known.id === signal.id)) return 'duplicate';
    if (existing.inbox.length >= INBOX_MAX) throw new ActivityInboxFullError(id, INBOX_MAX);
    this.put({
      ...existing,
      inbox: [...existing.inbox, signal],
      lockVersion: existing.lockVersion + 1,
      ...(existing.leaseOwner === undefined && { wakeAt: signal.at }),
    });
    return 'appended';
  }

  override async withSignals(ids: readonly string[]): Promise<readonly string[]> {
    this.outage.check('look at inboxes');
    return ids.filter((id) => (this.#activities.get(id)?.inbox.length ?? 0) > 0);
  }

  override async claimDue(claim: DueClaim): Promise<readonly Activity[]> {
    this.outage.check('find due activities');
    const { now, limit, skip = 0, leaseMs, owner } = claim;
    const due = [...this.#activities.values()]
      .filter((activity) => isWanted(activity, claim))
      .sort((a, b) => (a.wakeAt ?? 0) - (b.wakeAt ?? 0));
    const first = due.length > skip ? skip : 0;
    const sized = due
      .slice(first, first + limit)
      .map((activity) => ({ activity, bytes: activityBytes(activity) }));
    return within(sized, claim.bytesMax).flatMap(({ activity }) => {
      const { takeovers, delayMs } = takingOf(activity, claim);
      const taken = { ...withoutLease(activity), ...counted(takeovers) };
      if (delayMs === 0) {
        return [this.put({ ...taken, wakeAt: now + leaseMs, leaseOwner: owner })];
      }
      this.put({ ...taken, wakeAt: now + delayMs });
      return [];
    });
  }

  override async release({ ids, owner, wakeAt }: LeaseRelease): Promise<void> {
    this.outage.check('give leases up');
    for (const id of ids) {
      const existing = this.#activities.get(id);
      if (existing?.leaseOwner === owner) this.put({ ...withoutLease(existing), wakeAt });
    }
  }

  override async leave({ id, lockVersion, requires, wakeAt, owner }: Leaving): Promise<void> {
    this.outage.check('leave an activity to others');
    const existing = this.#activities.get(id);
    if (existing?.lockVersion !== lockVersion || isFinal(existing.status)) return;
    if (existing.leaseOwner !== undefined && existing.leaseOwner !== owner) return;
    this.put({ ...withoutLease(existing), requires, wakeAt });
  }

  override async lacking(features: readonly string[], countMax: number): Promise<number> {
    this.outage.check('count what this build lacks');
    const open = [...this.#activities.values()].filter(({ wakeAt }) => wakeAt !== undefined);
    return Math.min(open.filter((activity) => isLacking(activity, features)).length, countMax);
  }

  override async dueSince(now: number): Promise<number | undefined> {
    this.outage.check('look at what is due');
    const wakeUps = [...this.#activities.values()].flatMap(({ wakeAt }) => wakeAt ?? []);
    const earliest = Math.min(...wakeUps);
    return earliest <= now ? earliest : undefined;
  }

  override async backlog(
    countMax: number,
    statuses: readonly ActivityStatus[] = OPEN_STATUSES,
  ): Promise<Readonly<Record<string, number>>> {
    this.outage.check('count the backlog');
    const all = [...this.#activities.values()];
    const count = (status: string): number =>
      all.filter((activity) => activity.status === status).length;
    return Object.fromEntries(
      statuses.map((status) => [status, Math.min(countMax, count(status))]),
    );
  }

  /** Puts a record there as it is. */
  put(activity: Activity): Activity {
    this.#activities.set(activity.id, activity);
    return activity;
  }
}

function isLacking({ requires, stateVersion = 1 }: Activity, features: readonly string[]): boolean {
  const required = [...(requires ?? []), ...(stateVersion > 1 ? [`state:${stateVersion}`] : [])];
  return required.some((feature) => !features.includes(feature));
}

function isWanted({ id, wakeAt, ...activity }: Activity, claim: DueClaim): boolean {
  const { now, owner, early, features = [] } = claim;
  if (wakeAt === undefined || isLacking(activity as Activity, features)) return false;
  switch (early?.kind) {
    case 'untouched':
      return activity.lockVersion === FIRST_LOCK_VERSION && wakeAt <= now + early.withinMs;
    case 'own-leases':
      return activity.leaseOwner === owner && wakeAt > now && !early.exceptIds.includes(id);
    case undefined:
      return wakeAt <= now;
  }
}

/** As it is one write later. */
function withoutLease({ leaseOwner: _, lockVersion, ...activity }: Activity): Activity {
  return { ...activity, lockVersion: lockVersion + 1 };
}

function counted(takeovers = 0): Pick<Activity, 'takeovers'> {
  return takeovers > 0 ? { takeovers } : {};
}

function listed({ event: _, state, outbox, ...rest }: Activity): ListedActivity {
  const entries = outbox?.map((entry) => ({ ...entry, payload: null }));
  const activity = { ...rest, ...(entries && { outbox: entries }) };
  if (!state) return activity;
  const tasks = Object.entries(state.tasks).map(([name, task]): [string, TaskState] => [
    name,
    'results' in task ? { ...task, results: {} } : task,
  ]);
  return { ...activity, state: { ...state, results: {}, tasks: Object.fromEntries(tasks) } };
}
