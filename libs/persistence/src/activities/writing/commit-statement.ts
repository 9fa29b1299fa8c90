import { type JsonObject, toJsonText } from '@app/json';
import { type mongo } from 'mongoose';
import { type StoredFields } from '../../storage/stored-fields.js';
import { UNDELIVERED_MAX } from '../activity.js';
import { type ActivityDocument } from '../stored/activity-document.js';
import { type StateChange } from '../stored/state-change.js';

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

/** One statement of an `update` command. */
export interface CommitStatement {
  readonly statement: mongo.Document;
  /** The updates that it makes, by their positions in the batch. */
  readonly members: readonly number[];
}

/**
 * The operations of an update without its values. Each operator costs MongoDB time, so those that would change nothing
 * are left out.
 */
interface Operations extends JsonObject {
  readonly unset: readonly string[];
  readonly kept: readonly string[];
  readonly lists: readonly { name: string; changes: boolean; adds: boolean }[];
  readonly takesSignals: boolean;
  /** `null` leaves the outbox as it is. */
  readonly outbox: { posts: boolean; removes: boolean; undelivers: boolean } | null;
  readonly leases: boolean;
}

/** The values of one update, which its operations refer to as `$$own`. */
interface Values {
  readonly lockVersion: number;
  readonly set: mongo.Document;
  readonly run?: StoredFields;
  readonly entries?: mongo.Document;
  readonly signals?: readonly string[];
  readonly outbox?: StoredOutboxChange;
  readonly leaseMs?: number;
}

/**
 * The statements of a batch. Updates with the same operations share one, because MongoDB parses and plans each statement
 * anew: for 40 updates together it takes two thirds of the CPU time of 40 statements (docs/adr/0057).
 */
export function commitStatements(updates: readonly RevisionUpdate[]): readonly CommitStatement[] {
  const groups = new Map<string, { operations: Operations; members: number[] }>();
  for (const [at, update] of updates.entries()) {
    const operations = operationsOf(update);
    const key = toJsonText(operations);
    const group = groups.get(key);
    if (group) group.members.push(at);
    else groups.set(key, { operations, members: [at] });
  }
  return [...groups.values()].map(({ operations, members }) => {
    const together = members.flatMap((at) => updates[at] ?? []);
    return { statement: statementOf(operations, together), members };
  });
}

/**
 * The lock version is checked in the update and not in the query: MongoDB plans nothing for a query by `_id`
 * alone, and planning is a third of the cost of an update (docs/adr/0009).
 */
function statementOf(operations: Operations, updates: readonly RevisionUpdate[]): mongo.Document {
  const ids = updates.map(({ id }) => id);
  const values = updates.map(valuesOf);
  const isAlone = updates.length === 1;
  const mine = { $indexOfArray: [{ $literal: ids }, '$_id'] };
  const own = isAlone ? { $literal: values[0] } : { $arrayElemAt: [{ $literal: values }, mine] };
  const isCurrent = { $eq: ['$revision', '$$own.lockVersion'] };
  const after = { $cond: [isCurrent, written(operations), '$$ROOT'] };
  return {
    q: { _id: isAlone ? ids[0] : { $in: ids } },
    u: [{ $replaceWith: { $let: { vars: { own }, in: after } } }],
    ...(!isAlone && { multi: true }),
  };
}

function operationsOf(update: RevisionUpdate): Operations {
  const { unset, kept = [], entries = {}, signals = [], outbox, leaseMs } = update;
  return {
    unset,
    kept,
    lists: Object.entries(entries).map(([name, { changed, added }]) => {
      return { name, changes: changed.length > 0, adds: added.length > 0 };
    }),
    takesSignals: signals.length > 0,
    outbox: outbox
      ? {
          posts: outbox.posted.length > 0,
          removes: outbox.gone.length > 0,
          undelivers: outbox.undelivered.length > 0,
        }
      : null,
    leases: leaseMs !== undefined,
  };
}

function valuesOf(update: RevisionUpdate): Values {
  const { lockVersion, commitId, set, signals, outbox, leaseMs, kept = [], entries = {} } = update;
  const next = { commitId, revision: lockVersion + 1 };
  const lists = Object.entries(entries).map(([name, change]) => [
    name,
    { ...change, names: change.changed.map((entry) => entry['name']) },
  ]);
  return {
    lockVersion,
    set: kept.length === 0 ? { ...set, ...next } : { ...set, run: undefined, ...next },
    ...(kept.length > 0 && { run: set.run ?? {} }),
    ...(lists.length > 0 && { entries: Object.fromEntries(lists) as mongo.Document }),
    ...(signals && signals.length > 0 && { signals }),
    ...(outbox && { outbox }),
    ...(leaseMs !== undefined && { leaseMs }),
  };
}

function written({ unset, kept, lists, takesSignals, outbox, leases }: Operations): mongo.Document {
  const rest = unset.reduce<unknown>(
    (input, field) => ({ $unsetField: { field, input } }),
    '$$ROOT',
  );
  const changes = [
    ...(kept.length === 0 ? [] : [{ run: runWith(kept) }]),
    ...lists.map((list) => ({ [list.name]: entriesAfter(list) })),
    ...(takesSignals ? [{ inbox: without('$inbox', '$$own.signals') }] : []),
    ...(outbox ? [outboxAfter(outbox)] : []),
    ...(leases ? [{ wakeAt: LEASE_END }] : []),
  ];
  return { $mergeObjects: [rest, '$$own.set', ...changes] };
}

/** At least `leaseMs` from now by MongoDB's clock, so that a driver whose clock is behind gets no expired lease. */
const LEASE_END = { $max: ['$$own.set.wakeAt', { $add: ['$$NOW', '$$own.leaseMs'] }] };

/** The names are the engine's own, so they are safe in a field path. A member that is not stored stays absent. */
function runWith(members: readonly string[]): mongo.Document {
  const kept = Object.fromEntries(members.map((name) => [name, `$run.${name}`]));
  return { $mergeObjects: ['$$own.run', kept] };
}

/** The stored list, with each changed entry in place of the entry of its name, followed by the added ones. */
function entriesAfter({ name, changes, adds }: Operations['lists'][number]): unknown {
  const own = `$$own.entries.${name}`;
  const at = { $indexOfArray: [`${own}.names`, '$$this.name'] };
  const replaced = { $arrayElemAt: [`${own}.changed`, '$$at'] };
  const entry = {
    $let: { vars: { at }, in: { $cond: [{ $gte: ['$$at', 0] }, replaced, '$$this'] } },
  };
  const inPlace = changes ? { $map: { input: `$${name}`, as: 'this', in: entry } } : `$${name}`;
  return adds ? { $concatArrays: [inPlace, `${own}.added`] } : inPlace;
}

function outboxAfter({
  posts,
  removes,
  undelivers,
}: NonNullable<Operations['outbox']>): mongo.Document {
  const rest = removes ? without(orNone('$outbox'), '$$own.outbox.gone') : orNone('$outbox');
  const outbox = posts ? { $concatArrays: [rest, '$$own.outbox.posted'] } : rest;
  if (!undelivers) return { outbox };
  const all = { $concatArrays: [orNone('$undelivered'), '$$own.outbox.undelivered'] };
  return { outbox, undelivered: { $slice: [all, UNDELIVERED_MAX] } };
}

function orNone(field: string): mongo.Document {
  return { $ifNull: [field, []] };
}

function without(input: unknown, ids: string): mongo.Document {
  const isOneOfThem = { $in: ['$$this.id', ids] };
  return { $filter: { input, cond: { $not: [isOneOfThem] } } };
}
