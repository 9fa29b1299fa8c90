import { type ListedActivity } from '@app/persistence';
import { type Failure, isFinal, missingFeatures, type WaitReason } from '@app/workflow-engine';
import { isoTime, isoTimeIf } from '../iso-time.js';

/** The task that has a lock. */
export interface LockHolderView {
  readonly activityId: string;
  readonly workflowId: string | undefined;
  readonly task: string;
  /** Since when it has the lock; ISO 8601 in UTC. */
  readonly since: string;
}

export interface WaitView {
  readonly task?: string;
  /**
   * `delivery` (outbox entries are to be delivered), `executor`, `build` (no executor of this build can run it), or a
   * reason of the engine: `call`, `retry`, `slot`, `timer`, `event`, ...
   */
  readonly kind: string;
  readonly what: string;
  readonly since: string;
  readonly until: string | undefined;
  /** Of a wait for a lock: who has it, for whom may read that activity; only where one activity is shown. */
  readonly heldBy?: LockHolderView;
}

/** Everything that an activity waits for; undefined when it waits for nothing. */
export function waitsOf(activity: ListedActivity): readonly WaitView[] | undefined {
  const waits = [...(waitsOfRun(activity) ?? []), ...waitsOfOutbox(activity)];
  return waits.length === 0 && !activity.state?.waitingFor ? undefined : waits;
}

/** Why the attempt of a task failed that another one is to follow, by time or by an operator. */
export function failureBeforeWait(on: WaitReason | undefined): Failure | undefined {
  return on?.kind === 'retry' || on?.kind === 'paused' ? on.failure : undefined;
}

/** The same of a whole run. */
export function failureBeforeRun({ status, state }: ListedActivity): Failure | undefined {
  const isBetween = !isFinal(status) && state?.again?.until !== undefined;
  return isBetween ? state.again.failure : undefined;
}

/** Outbox entries that are not delivered, also after the end of the run. */
function waitsOfOutbox({ outbox = [], wakeAt }: ListedActivity): readonly WaitView[] {
  const [first] = outbox;
  if (!first) return [];
  const kinds = [...new Set(outbox.map(({ kind }) => kind))].join(', ');
  const what = `${outbox.length} to be delivered outside: ${kinds}`;
  return [{ kind: 'delivery', what, since: isoTime(first.createdAt), until: isoTimeIf(wakeAt) }];
}

function waitsOfRun(activity: ListedActivity): readonly WaitView[] | undefined {
  const { status, createdAt, wakeAt, leaseOwner, state, notBefore } = activity;
  const lacks = isFinal(status) ? [] : missingFeatures(activity);
  if (lacks.length > 0) {
    const what = `an executor of a build that has ${lacks.join(', ')}; this one does not`;
    return [{ kind: 'build', what, since: isoTime(createdAt), until: undefined }];
  }
  const isUntouched = status === 'queued' && state === undefined;
  if (isUntouched && notBefore !== undefined && wakeAt === notBefore) {
    const waited = { since: isoTime(createdAt), until: isoTime(notBefore) };
    return [{ kind: 'timer', what: 'the time at which it is to begin', ...waited }];
  }
  if (isUntouched) {
    const waited = { since: isoTime(createdAt), until: isoTimeIf(wakeAt) };
    return [{ kind: 'executor', what: 'an executor to begin it', ...waited }];
  }
  if (status === 'running' && leaseOwner === undefined) {
    const waited = { since: isoTime(lastBegunAt(activity)), until: isoTimeIf(wakeAt) };
    return [{ kind: 'executor', what: 'an executor to take it up again', ...waited }];
  }
  return state?.waitingFor?.map(({ task, kind, what, since, until }) => ({
    ...(task !== '' && { task }),
    kind,
    what,
    since: isoTime(since),
    until: isoTimeIf(until),
  }));
}

/** When the newest attempt of the running tasks began. */
function lastBegunAt({ createdAt, state }: ListedActivity): number {
  const tasks = Object.values(state?.tasks ?? {});
  const begun = tasks.flatMap((task) => (task.status === 'running' ? [task.startedAt] : []));
  return Math.max(createdAt, ...begun);
}
