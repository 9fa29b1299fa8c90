import { ACTIVITY_STATUSES, isFinal, isRemembered, type Signal } from '@app/workflow-engine';
import { toJsonText } from '@app/json';
import { type Model, type mongo } from 'mongoose';
import { type MongoLink } from '../../connection/mongo-link.js';
import { ActivityInboxFullError } from '../../errors.js';
import { fromStoredValue, toStored } from '../../storage/stored-fields.js';
import { type SignalOutcome } from '../activity-store.js';
import { type ActivityDocument } from '../stored/activity-document.js';
import { ACTIVITIES } from '../stored/activity.schema.js';

/** The most signals an activity's inbox holds. */
export const INBOX_MAX = 1_000;

export const OPEN_STATUSES = ACTIVITY_STATUSES.filter((status) => !isFinal(status));

/** How often a signal is tried whose conditions are met by the time that they are read. */
const TRIES_MAX = 5;

/**
 * Appends a signal to an activity's inbox, in one write that holds all conditions. If the write matches
 * nothing, a read finds out which condition was not met. If the run took signals in between, all of them are met, and
 * the write is tried again.
 * @throws ActivityInboxFullError when the inbox holds `INBOX_MAX` signals, or did so before each of `TRIES_MAX` reads
 */
export async function appendSignal(
  activities: Model<ActivityDocument>,
  link: MongoLink,
  id: string,
  signal: Signal,
): Promise<SignalOutcome> {
  const wait = waitOf(signal);
  for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
    if (await append(link, id, [signal], wait)) return 'appended';
    const activity = await readInbox(activities, link, id);
    if (!activity) return 'not-found';
    if (isFinal(activity.status)) return 'final';
    if (idsIn(activity).has(signal.id)) return 'duplicate';
    if (wait !== undefined) {
      const { openWaits = [], inbox } = activity;
      if (!openWaits.includes(wait) || inbox.some((known) => known['wait'] === wait))
        return 'not-waiting';
    }
    if (activity.inbox.length >= INBOX_MAX) break;
  }
  throw new ActivityInboxFullError(id, INBOX_MAX);
}

/**
 * Appends these signals, which have ids of their own, in this order: all of them or none.
 * @param wait the key of a wait that the activity must have open, with no event for it in its inbox
 * @returns false when it is final or gone, has or has taken one of them, has no room for all, or lacks the wait
 */
export async function append(
  link: MongoLink,
  id: string,
  signals: readonly Signal[],
  wait?: string,
): Promise<boolean> {
  const { matchedCount } = await link.run('signal an activity', (db) =>
    db.collection<ActivityDocument>(ACTIVITIES).updateOne(
      {
        _id: id,
        status: { $in: OPEN_STATUSES },
        'inbox.id': { $nin: signals.map((signal) => signal.id) },
        [`inbox.${INBOX_MAX - signals.length}`]: { $exists: false },
        ...(wait !== undefined && { openWaits: wait, 'inbox.wait': { $ne: wait } }),
        ...hasTakenNone(signals),
      },
      [{ $set: signalled(signals) }],
    ),
  );
  return matchedCount === 1;
}

type Inbox = Pick<ActivityDocument, 'status' | 'inbox' | 'openWaits' | 'run'>;

/** What tells why a signal was not appended. */
export async function readInbox(
  activities: Model<ActivityDocument>,
  link: MongoLink,
  id: string,
): Promise<Inbox | null> {
  return link.run('read an inbox', () =>
    activities.findById(id, { status: 1, inbox: 1, openWaits: 1, 'run.taken': 1 }).lean(),
  );
}

/**
 * The ids of activities that wait for an event with this key and have no signal for it yet, at most `limit`.
 * The index `by_open_wait` has only activities that wait.
 */
export async function waitingFor(
  link: MongoLink,
  workflowId: string,
  waitKey: string,
  limit: number,
): Promise<readonly string[]> {
  const found = await link.run('look for waits', (db) =>
    db
      .collection<ActivityDocument>(ACTIVITIES)
      .find({ workflowId, openWaits: waitKey, 'inbox.wait': { $ne: waitKey } })
      .project<Pick<ActivityDocument, '_id'>>({ _id: 1 })
      .sort({ _id: 1 })
      .limit(limit)
      .toArray(),
  );
  return found.map(({ _id }) => _id);
}

/**
 * The run has taken none of these signals. Without this, a signal that came again would be appended, without effect,
 * and its sender would not be told that it is a duplicate. The ids of taken signals are one JSON text, which is searched.
 */
function hasTakenNone(signals: readonly Signal[]): mongo.Filter<ActivityDocument> {
  const taken = { $ifNull: ['$run.taken.json', ''] };
  const each = signals.filter(isRemembered).map(({ id }) => {
    return { $lt: [{ $indexOfBytes: [taken, { $literal: toJsonText(id) }] }, 0] };
  });
  return each.length === 0 ? {} : { $expr: { $and: each } };
}

function waitOf(signal: Signal): string | undefined {
  return signal.kind === 'event' ? signal.wait : undefined;
}

/** The ids of the signals in the inbox, and of those that the run took most recently. */
export function idsIn({ inbox, run }: Inbox): ReadonlySet<unknown> {
  const taken = fromStoredValue(run?.['taken'] ?? null) as readonly string[] | null;
  return new Set([...inbox.map((known) => known['id']), ...(taken ?? [])]);
}

/** Those of these activities that have a signal in their inbox. Costs one lookup by `_id` for each. */
export async function withSignals(
  link: MongoLink,
  ids: readonly string[],
): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const found = await link.run('look at inboxes', (db) =>
    db
      .collection<ActivityDocument>(ACTIVITIES)
      .find({ _id: { $in: [...ids] }, 'inbox.0': { $exists: true } })
      .project<Pick<ActivityDocument, '_id'>>({ _id: 1 })
      .toArray(),
  );
  return found.map(({ _id }) => _id);
}

/**
 * A lease stays: the driver's next commit finds a newer lock version, and the driver reads the signal. An
 * activity that is to begin later (`notBefore`) takes the signal when it begins, except for a cancel, which is
 * due at once and stays so, whatever comes after it.
 */
function signalled(signals: readonly Signal[]): Record<string, mongo.Document> {
  const literal = { $literal: signals.map((signal) => toStored(signal)) };
  const isLeased = { $gt: ['$leaseOwner', null] };
  const due = { $min: signals.map(dueAt) };
  const hasCancel = { $in: ['cancel', '$inbox.kind'] };
  const soonest = { $cond: [hasCancel, { $min: ['$wakeAt', due] }, due] };
  return {
    inbox: { $concatArrays: ['$inbox', literal] },
    revision: { $add: ['$revision', 1] },
    wakeAt: { $cond: [isLeased, '$wakeAt', soonest] },
  };
}

function dueAt({ kind, at }: Signal): Date | mongo.Document {
  const date = new Date(at);
  return kind === 'cancel' ? date : { $max: ['$notBefore', date] };
}
