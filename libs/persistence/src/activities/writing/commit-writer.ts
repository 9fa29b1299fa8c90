import { type mongo } from 'mongoose';
import { type MongoLink } from '../../connection/mongo-link.js';
import { type StoredFields } from '../../storage/stored-fields.js';
import { refusedWrite, runWrite, type WriteAnswer } from '../../storage/write-command.js';
import { UNDELIVERED_MAX } from '../activity.js';
import { type ActivityDocument } from '../stored/activity-document.js';
import { ACTIVITIES } from '../stored/activity.schema.js';
import { type EntriesChange, type StateChange } from '../stored/state-change.js';

/** One write on the condition of the lock version (`revision` in MongoDB), ready to be sent. */
export interface RevisionUpdate {
  readonly id: string;
  /** The stored lock version must still be this; the write increments it. */
  readonly lockVersion: number;
  /** Unique to this write, so that its writer can find out whether it took place. */
  readonly commitId: string;
  readonly set: Readonly<Partial<ActivityDocument>>;
  readonly unset: readonly (keyof ActivityDocument)[];
  /** The shortest time, in milliseconds, that the written lease lasts by MongoDB's clock. */
  readonly leaseMs?: number;
  /** Ids of the signals that are removed from the inbox. */
  readonly signals?: readonly string[];
  readonly outbox?: StoredOutboxChange;
  /** Members of `run` that keep their stored value; `set` has the others. */
  readonly kept?: readonly string[];
  readonly entries?: StateChange['entries'];
}

/** An `OutboxChange` in its stored form. */
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
 * Writes a batch of updates in one command, each on the condition of its lock version: an update that was
 * computed from an older version changes nothing. MongoDB returns only the number of changed documents, so
 * if some were not changed, one read shows which commit ids are in place. Signals keep the commit id, so an update over
 * which a signal was written counts as committed. One over which another commit or claim was written counts as stale:
 * that other writer owns the activity.
 */
export class CommitWriter {
  constructor(private readonly link: Pick<MongoLink, 'run'>) {}

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

  /** The commit ids that the activities have now. */
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
 * The lock version is checked in the update and not in the query: MongoDB plans nothing for a query by `_id`
 * alone, and planning is a third of the cost of an update (docs/adr/0009).
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

/** At least `leaseMs` from now by MongoDB's clock, so that a driver whose clock is behind gets no expired lease. */
function leaseEnd(wakeAt: Date | undefined, leaseMs: number): mongo.Document {
  return { $max: [{ $literal: wakeAt }, { $add: ['$$NOW', leaseMs] }] };
}

/** The names are the engine's own, so they are safe in a field path. A member that is not stored stays absent. */
function runWith(run: StoredFields = {}, members: readonly string[]): mongo.Document {
  const kept = Object.fromEntries(members.map((name) => [name, `$run.${name}`]));
  return { $mergeObjects: [{ $literal: run }, kept] };
}

/** The stored list, with each changed entry in place of the entry of its name, followed by the added ones. */
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

/** Each operator costs MongoDB time, so those that would change nothing are left out. */
function outboxAfter({ posted, gone, undelivered }: StoredOutboxChange): mongo.Document {
  const rest = gone.length === 0 ? orNone('$outbox') : without(orNone('$outbox'), gone);
  const outbox = posted.length === 0 ? rest : { $concatArrays: [rest, { $literal: posted }] };
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
