import mongoose from 'mongoose';

const { EJSON } = mongoose.mongo.BSON;
/** As they lie there: an Int32 does not come back as a Double. */
const AS_STORED = { promoteValues: false, promoteLongs: false, promoteBuffers: false };

/**
 * All that is in a database, as canonical extended JSON.
 *
 * @param {import('mongoose').mongo.Db} db
 */
export async function dump(db) {
  /** @type {Record<string, unknown[]>} */
  const collections = {};
  /** @type {Record<string, unknown[]>} */
  const indexes = {};
  for (const collection of await db.collections()) {
    const name = collection.collectionName;
    const documents = await collection.find({}, AS_STORED).sort({ _id: 1 }).toArray();
    if (documents.length > 0) collections[name] = documents.map(written);
    indexes[name] = await collection.indexes();
  }
  return { collections, indexes };
}

/** @param {import('mongoose').mongo.Document} document */
function written(document) {
  return EJSON.serialize(document, { relaxed: false });
}
