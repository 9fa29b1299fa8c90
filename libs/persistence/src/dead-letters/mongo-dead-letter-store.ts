import { mongo, type Model } from 'mongoose';
import { type MongoLink } from '../connection/mongo-link.js';
import {
  DeadLetterStore,
  excess,
  type DeadLetter,
  type DeadLetterBounds,
  type DeadLetterTotals,
} from './dead-letter-store.js';
import { type DeadLetterDocument } from './dead-letter.schema.js';

/** Bounds of one `trim`: letters of one deletion, and deletions. The next `trim` continues. */
const TRIM_ITEMS_MAX = 500;
const TRIM_BATCHES_MAX = 20;

export class MongoDeadLetterStore extends DeadLetterStore {
  constructor(
    private readonly letters: Model<DeadLetterDocument>,
    private readonly link: MongoLink,
  ) {
    super();
  }

  override async add(letter: DeadLetter): Promise<void> {
    const { _id, ...document } = toDocument(letter);
    await this.link.run('add a dead letter', () =>
      this.letters.updateOne({ _id }, { $setOnInsert: document }, { upsert: true }),
    );
  }

  /** Reads the counters of the collection and no document. */
  override async totals(): Promise<DeadLetterTotals> {
    const [found] = await this.link.run('measure the dead letters', () =>
      this.letters.aggregate<DeadLetterTotals>([
        { $collStats: { storageStats: {} } },
        { $project: { letters: '$storageStats.count', bytes: '$storageStats.size' } },
      ]),
    );
    return { letters: found?.letters ?? 0, bytes: found?.bytes ?? 0 };
  }

  override async trim(bounds: DeadLetterBounds): Promise<number> {
    let removed = 0;
    for (let batches = 0; batches < TRIM_BATCHES_MAX; batches += 1) {
      const over = excess(await this.totals(), bounds);
      if (over === undefined) return removed;
      const ids = await this.#oldestDispensable(over);
      if (ids.length === 0) return removed;
      const { deletedCount } = await this.link.run('remove dead letters', () =>
        this.letters.deleteMany({ _id: { $in: ids } }),
      );
      removed += deletedCount;
    }
    return removed;
  }

  /** The ids of the oldest letters whose deletion restores the bounds, at most `TRIM_ITEMS_MAX`. */
  async #oldestDispensable(over: DeadLetterTotals): Promise<readonly string[]> {
    const found = await this.link.run('find dispensable dead letters', () =>
      this.letters.aggregate<{ readonly _id: string; readonly bytes: number }>([
        { $match: { dispensable: true } },
        { $sort: { at: 1, _id: 1 } },
        { $limit: TRIM_ITEMS_MAX },
        { $project: { bytes: { $bsonSize: '$$ROOT' } } },
      ]),
    );
    let { letters, bytes } = over;
    const ids: string[] = [];
    for (const one of found) {
      if (letters <= 0 && bytes <= 0) break;
      ids.push(one._id);
      letters -= 1;
      bytes -= one.bytes;
    }
    return ids;
  }

  override async list(limit: number): Promise<readonly DeadLetter[]> {
    const found = await this.link.run('list dead letters', () =>
      this.letters.find().sort({ at: -1, _id: -1 }).limit(limit).lean(),
    );
    return found.map(toDomain);
  }
}

function toDocument({ id, headers, payload, at, ...facts }: DeadLetter): DeadLetterDocument {
  return {
    _id: id,
    ...facts,
    headers: JSON.stringify(headers),
    payload: new mongo.Binary(payload),
    at: new Date(at),
  };
}

function toDomain({
  _id,
  headers,
  payload,
  at,
  dispensable = false,
  ...facts
}: DeadLetterDocument): DeadLetter {
  return {
    id: _id,
    ...facts,
    headers: JSON.parse(headers) as DeadLetter['headers'],
    payload: new Uint8Array(payload.value()),
    at: at.getTime(),
    dispensable,
  };
}
