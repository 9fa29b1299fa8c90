import { parseJson, toJsonText } from '@app/json';
import { type mongo } from 'mongoose';
import { type MongoLink } from '../connection/mongo-link.js';
import { CursorInvalidError } from '../errors.js';
import { fromCursor, toCursor } from '../storage/cursor.js';
import { DECISION_OUTCOMES, DECISION_RECORD_MS, type Decision, keptText } from './decision.js';
import { type DecidedClause, type DecisionRecord } from './decision.js';
import { DECISIONS, type DecisionDocument } from './decision.schema.js';
import { type DecisionPage, type DecisionQuery, DecisionStore } from './decision-store.js';

/** Decisions removed in one batch, and batches in a row; the rest are removed by the next `trim`. */
const TRIM_ITEMS_MAX = 1_000;
const TRIM_BATCHES_MAX = 20;

export class MongoDecisionStore extends DecisionStore {
  constructor(private readonly link: MongoLink) {
    super();
  }

  /** Acknowledged by the primary without its journal, to keep the cost for the recording of events low. */
  override async add(records: readonly DecisionRecord[], expiresAt: number): Promise<void> {
    if (records.length === 0) return;
    await this.link.run('write decisions', (db) =>
      collectionIn(db).bulkWrite(
        records.map((record) => toUpsert(record, expiresAt)),
        { ordered: false, writeConcern: { w: 1, journal: false }, ignoreUndefined: true },
      ),
    );
  }

  override async list(query: DecisionQuery): Promise<DecisionPage> {
    const { limit } = query;
    const found = await this.link.run('list decisions', (db) =>
      collectionIn(db)
        .find(filterOf(query))
        .sort({ at: -1, _id: -1 })
        .limit(limit + 1)
        .toArray(),
    );
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const records = page.map(toDomain);
    if (found.length <= limit || !last) return { records };
    return { records, nextCursor: toCursor([last.at.getTime(), last._id]) };
  }

  override async trim(bytesMax: number): Promise<number> {
    let removed = 0;
    for (let batches = 0; batches < TRIM_BATCHES_MAX; batches += 1) {
      const { bytes, items } = await this.#totals();
      if (bytes <= bytesMax || items === 0) return removed;
      const tooMany = Math.ceil(((bytes - bytesMax) / bytes) * items);
      const ids = await this.#oldest(Math.min(tooMany, TRIM_ITEMS_MAX));
      const { deletedCount } = await this.link.run('remove decisions', (db) =>
        collectionIn(db).deleteMany({ _id: { $in: [...ids] } }),
      );
      removed += deletedCount;
      if (tooMany <= TRIM_ITEMS_MAX) return removed;
    }
    return removed;
  }

  /** From the collection's own counters: no document is read. */
  async #totals(): Promise<{ readonly items: number; readonly bytes: number }> {
    const [found] = await this.link.run('measure the decisions', (db) =>
      collectionIn(db)
        .aggregate<{ readonly items: number; readonly bytes: number }>([
          { $collStats: { storageStats: {} } },
          { $project: { items: '$storageStats.count', bytes: '$storageStats.size' } },
        ])
        .toArray(),
    );
    return found ?? { items: 0, bytes: 0 };
  }

  async #oldest(items: number): Promise<readonly string[]> {
    const found = await this.link.run('find the oldest decisions', (db) =>
      collectionIn(db)
        .find()
        .project<Pick<DecisionDocument, '_id'>>({ _id: 1 })
        .sort({ expiresAt: 1 })
        .limit(items)
        .toArray(),
    );
    return found.map(({ _id }) => _id);
  }
}

function collectionIn(db: mongo.Db): mongo.Collection<DecisionDocument> {
  return db.collection<DecisionDocument>(DECISIONS);
}

/** Each is a walk along an index in its order: by event, by workflow, else by outcome. */
function filterOf(query: DecisionQuery): mongo.Filter<DecisionDocument> {
  const { eventId, source, workflowId, outcome, since, until, cursor } = query;
  const outcomes = outcome === undefined ? { $in: [...DECISION_OUTCOMES] } : outcome;
  const time = {
    ...(since !== undefined && { $gte: new Date(since - DECISION_RECORD_MS) }),
    ...(until !== undefined && { $lte: new Date(until) }),
  };
  return {
    ...(eventId !== undefined && { eventId: keptText(eventId) }),
    ...(source !== undefined && { source: keptText(source) }),
    ...(workflowId !== undefined && { workflowId }),
    ...(eventId !== undefined && outcome === undefined ? {} : { outcome: outcomes }),
    ...(Object.keys(time).length > 0 && { at: time }),
    ...(since !== undefined && { lastAt: { $gte: new Date(since) } }),
    ...(cursor !== undefined && { $and: behind(cursor) }),
  };
}

function behind(cursor: string): mongo.Filter<DecisionDocument>[] {
  const [at, id] = fromCursor(cursor, ['number', 'string']) as [number, string];
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) throw new CursorInvalidError();
  return [{ at: { $lte: time } }, { $nor: [{ at: time, _id: { $gte: id } }] }];
}

function toUpsert(
  { id, first, count, lastAt }: DecisionRecord,
  expiresAt: number,
): mongo.AnyBulkWriteOperation<DecisionDocument> {
  const { at, clauses, ...facts } = first;
  return {
    updateOne: {
      filter: { _id: id },
      update: {
        $inc: { count },
        $max: { lastAt: new Date(lastAt), expiresAt: new Date(expiresAt) },
        $setOnInsert: {
          ...facts,
          at: new Date(at),
          ...(clauses && { clauses: toJsonText(clauses) }),
        },
      },
      upsert: true,
    },
  };
}

function toDomain(document: DecisionDocument): DecisionRecord {
  const { _id, at, lastAt, count, clauses, expiresAt: _, ...facts } = document;
  const first: Decision = {
    ...facts,
    at: at.getTime(),
    ...(clauses !== undefined && {
      clauses: parseJson(clauses) as unknown as readonly DecidedClause[],
    }),
  };
  return { id: _id, first, count, lastAt: lastAt.getTime() };
}
