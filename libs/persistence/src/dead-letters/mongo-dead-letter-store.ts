import { mongo, type Model } from 'mongoose';
import { type MongoLink } from '../connection/mongo-link.js';
import { DeadLetterStore, type DeadLetter } from './dead-letter-store.js';
import { type DeadLetterDocument } from './dead-letter.schema.js';

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

function toDomain({ _id, headers, payload, at, ...facts }: DeadLetterDocument): DeadLetter {
  return {
    id: _id,
    ...facts,
    headers: JSON.parse(headers) as DeadLetter['headers'],
    payload: new Uint8Array(payload.value()),
    at: at.getTime(),
  };
}
