import mongoose from 'mongoose';

const { MongoClient } = mongoose.mongo;
const { EJSON } = mongoose.mongo.BSON;

type Document = mongoose.mongo.Document;

/** Numbers stay what they are in MongoDB: an Int32 does not come back as a Double. */
const AS_STORED = { promoteValues: false, promoteLongs: false, promoteBuffers: false };

/** The indexes that MongoDB has by itself. */
const OWN_INDEX = '_id_';

interface SavedCollection {
  readonly name: string;
  readonly documents: readonly Document[];
  readonly indexes: readonly (Document & { readonly key: Document })[];
}

/** What mongodump writes and mongorestore reads: all documents and indexes of a database. */
export class Backup {
  private constructor(private readonly collections: readonly SavedCollection[]) {}

  /** @param url with the database, which may be in use */
  static async of(url: string): Promise<Backup> {
    return withDatabase(url, async (db) => {
      const collections = await db.collections();
      return new Backup(
        await Promise.all(
          collections.map(async (collection) => ({
            name: collection.collectionName,
            documents: await collection.find({}, AS_STORED).toArray(),
            indexes: (await collection.indexes()).filter(({ name }) => name !== OWN_INDEX),
          })),
        ),
      );
    });
  }

  /** Of what is written down as extended JSON, by collection. */
  static written(
    collections: Readonly<Record<string, readonly unknown[]>>,
    indexes: Readonly<Record<string, SavedCollection['indexes']>>,
  ): Backup {
    return new Backup(
      Object.entries(collections).map(([name, documents]) => ({
        name,
        documents: documents.map((one) => EJSON.deserialize(one as Document) as Document),
        indexes: (indexes[name] ?? []).filter((index) => index['name'] !== OWN_INDEX),
      })),
    );
  }

  /** @param url with the database, which must be empty */
  async restoreTo(url: string): Promise<void> {
    await withDatabase(url, async (db) => {
      for (const { name, documents, indexes } of this.collections) {
        const collection = await db.createCollection(name);
        if (documents.length > 0) await collection.insertMany([...documents]);
        if (indexes.length > 0) await collection.createIndexes([...indexes]);
      }
    });
  }
}

async function withDatabase<T>(
  url: string,
  use: (db: mongoose.mongo.Db) => Promise<T>,
): Promise<T> {
  const client = new MongoClient(url);
  try {
    return await use(client.db());
  } finally {
    await client.close();
  }
}
