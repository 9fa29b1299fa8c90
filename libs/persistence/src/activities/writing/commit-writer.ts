import { type mongo } from 'mongoose';
import { type MongoLink } from '../../connection/mongo-link.js';
import { type StoredFields } from '../../storage/stored-fields.js';
import { refusedWrite, runWrite, type WriteAnswer } from '../../storage/write-command.js';
import { UNDELIVERED_MAX } from '../activity.js';
import { type ActivityDocument } from '../stored/activity-document.js';
import { ACTIVITIES } from '../stored/activity.schema.js';
import { type EntriesChange, type StateChange } from '../stored/state-change.js';

/** One revision-checked write, ready to be sent. */
export interface RevisionUpdate {
  readonly id: string;
  /** The stored revision must still be this; the write counts it up. */
  readonly lockVersion: number;
  /** Of this write alone: by it its writer finds out whether it won. */
  readonly commitId: string;
  readonly set: Readonly<Partial<ActivityDocument>>;
  readonly unset: readonly (keyof ActivityDocument)[];
  /** Of the lease that it writes: the least time that is left of it by the server's own clock. */
  readonly leaseMs?: number;
  /** Ids of signals that leave the inbox. */
  readonly signals?: readonly string[];
  readonly outbox?: StoredOutboxChange;
  /** Members of `run` that stay as they are; `set` has the others. */
  readonly kept?: readonly string[];
  readonly entries?: StateChange['entries'];
}

/** As `OutboxChange`, in the form it is stored in. */
export interface StoredOutboxChange {
  readonly posted: readonly StoredFields[];
  readonly gone: readonly string[];
  readonly undelivered: readonly StoredFields[];
}

type Settled = PromiseSettledResult<'committed' | 'stale'>;

const COMMIT = 'commit activities';
const COMMITTED: Settled = { status: 'fulfilled', value: 'committed' };
const STALE: Settled = { status: 'fulfilled', value: 'stale' };

/**
 * Writes a batch of revision-checked updates in one command. The check is the optimistic lock:
 * whoever holds an older revision changes nothing. MongoDB tells only how many were changed, so
 * when some were not, one read shows whose commit id is in place. An update that won and was
 * overwritten before that read counts as stale: its driver looks again and finds it done.
 */
export class CommitWriter {
  constructor(private readonly link: MongoLink) {}

  async write(updates: readonly RevisionUpdate[]): Promise<readonly Settled[]> {
    const { written, refused } = await this.#update(updates);
    if (written === updates.length) return updates.map(() => COMMITTED);
    const winners = written === 0 ? new Set<string>() : await this.#winners(updates);
    return updates.map(({ commitId }, index): Settled => {
      const rejection = refused.get(index);
      if (rejection) return { status: 'rejected', reason: refusedWrite(COMMIT, rejection) };
      return winners.has(commitId) ? COMMITTED : STALE;
    });
  }

  #update(updates: readonly RevisionUpdate[]): Promise<WriteAnswer> {
    return this.link.run(COMMIT, (db) =>
      runWrite(db, COMMIT, { update: ACTIVITIES, updates: updates.map(toStatement) }),
    );
  }

  /** The commit ids that are in place. */
  async #winners(updates: readonly RevisionUpdate[]): Promise<ReadonlySet<string | undefined>> {
    const found = await this.link.run('read commits', (db) =>
      db
        .collection<ActivityDocument>(ACTIVITIES)
        .find({ _id: { $in: updates.map(({ id }) => id) } })
        .project<Pick<ActivityDocument, 'commitId'>>({ commitId: 1 })
        .toArray(),
    );
    return new Set(found.map(({ commitId }) => commitId));
  }
}

/**
 * The check stands in the update and not in the query, because a query for the `_id` alone needs no
 * planner, and that is a third of what an update costs (docs/adr/0009).
 */
function toStatement(update: RevisionUpdate): mongo.Document {
  const { id, lockVersion, commitId, set, unset, signals = [], outbox, leaseMs } = update;
  const { kept: members = [], entries = {} } = update;
  const kept = unset.reduce<unknown>(
    (input, field) => ({ $unsetField: { field, input } }),
    '$$ROOT',
  );
  const whole = members.length === 0 ? set : { ...set, run: undefined };
  const changed = { $literal: { ...whole, commitId, revision: lockVersion + 1 } };
  const rest = signals.length === 0 ? [] : [{ inbox: without('$inbox', signals) }];
  const leased = leaseMs === undefined ? [] : [{ wakeAt: leaseEnd(set.wakeAt, leaseMs) }];
  const posted = outbox === undefined ? [] : [outboxAfter(outbox)];
  const run = members.length === 0 ? [] : [{ run: runWith(set.run, members) }];
  const lists = Object.entries(entries).map(([name, change]) => ({
    [name]: entriesAfter(`$${name}`, change),
  }));
  const written = {
    $mergeObjects: [kept, changed, ...run, ...lists, ...rest, ...posted, ...leased],
  };
  const isCurrent = { $eq: ['$revision', lockVersion] };
  return { q: { _id: id }, u: [{ $replaceWith: { $cond: [isCurrent, written, '$$ROOT'] } }] };
}

/** A lease is never born as good as expired because its owner's idea of the time is behind. */
function leaseEnd(wakeAt: Date | undefined, leaseMs: number): mongo.Document {
  return { $max: [{ $literal: wakeAt }, { $add: ['$$NOW', leaseMs] }] };
}

/** Names of members are ours; a member that is not there stays so. */
function runWith(run: StoredFields = {}, members: readonly string[]): mongo.Document {
  const kept = Object.fromEntries(members.map((name) => [name, `$run.${name}`]));
  return { $mergeObjects: [{ $literal: run }, kept] };
}

/** Each changed entry in the place of the one with its name, and what is added behind them all. */
function entriesAfter(input: string, { changed, added }: EntriesChange): mongo.Document {
  const names = { $literal: changed.map(({ name }) => name) };
  const at = { $indexOfArray: [names, '$$this.name'] };
  const replaced = { $arrayElemAt: [{ $literal: changed }, '$$at'] };
  const entry = {
    $let: { vars: { at }, in: { $cond: [{ $gte: ['$$at', 0] }, replaced, '$$this'] } },
  };
  const inPlace = changed.length === 0 ? input : { $map: { input, as: 'this', in: entry } };
  return added.length === 0
    ? (inPlace as mongo.Document)
    : { $concatArrays: [inPlace, { $literal: added }] };
}

function outboxAfter({ posted, gone, undelivered }: StoredOutboxChange): mongo.Document {
  const outbox = { $concatArrays: [without(orNone('$outbox'), gone), { $literal: posted }] };
  if (undelivered.length === 0) return { outbox };
  const all = { $concatArrays: [orNone('$undelivered'), { $literal: undelivered }] };
  return { outbox, undelivered: { $slice: [all, UNDELIVERED_MAX] } };
}

function orNone(field: string): mongo.Document {
  return { $ifNull: [field, []] };
}

function without(input: unknown, ids: readonly string[]): mongo.Document {
  const isOneOfThem = { $in: ['$$this.id', { $literal: ids }] };
  return { $filter: { input, cond: { $not: [isOneOfThem] } } };
}
