import mongoose from 'mongoose';

const { MongoClient } = mongoose.mongo;

export interface DeadLetterRecord {
  readonly stream: string;
  readonly subject: string;
  readonly code: string;
  readonly reason: string;
  /** Its bytes as text. */
  readonly payload: string;
}

/** The documents in MongoDB, read without the stores of the project. */
export class Records {
  readonly #client: InstanceType<typeof MongoClient>;

  /** @param url with the database */
  constructor(url: string) {
    this.#client = new MongoClient(url);
  }

  /** In which collections a text is, in any field of any document, in bytes or in words. */
  async collectionsWith(text: string): Promise<readonly string[]> {
    const found: string[] = [];
    for (const collection of await this.#client.db().collections()) {
      const documents = await collection.find().toArray();
      const written = JSON.stringify(documents.map(readable));
      if (written.includes(text)) found.push(collection.collectionName);
    }
    return found;
  }

  /** Oldest first. */
  async deadLetters(): Promise<readonly DeadLetterRecord[]> {
    const found = await this.#client
      .db()
      .collection('dead_letters')
      .find()
      .sort({ at: 1 })
      .toArray();
    return found.map((letter) => readable(letter) as DeadLetterRecord);
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

function readable(document: object): object {
  const entries = Object.entries(document).map(([name, value]: [string, unknown]) => [
    name,
    value instanceof mongoose.mongo.Binary ? Buffer.from(value.value()).toString() : value,
  ]);
  return Object.fromEntries(entries) as object;
}
