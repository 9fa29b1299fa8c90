import mongoose from 'mongoose';

const { MongoClient } = mongoose.mongo;

/** All documents of a database as JSON, one text for each collection: its name and what is in it. */
export async function allDocuments(mongodbUrl: string): Promise<readonly string[]> {
  const client = await MongoClient.connect(mongodbUrl);
  const documents: string[] = [];
  for (const { name } of await client.db().listCollections().toArray()) {
    const found = await client.db().collection(name).find().toArray();
    documents.push(`${name}: ${JSON.stringify(found)}`);
  }
  await client.close();
  return documents;
}

/** The forms in which a secret may be stored or shown: in JSON, in JSON in JSON, in a URL and the begin of its base64. */
export function formsOf(secret: string): readonly string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  const inBase64 = Buffer.from(secret).toString('base64').slice(0, 20);
  const inJsonTwice = JSON.stringify(inJson).slice(1, -1);
  return [secret, inJson, inJsonTwice, encodeURIComponent(secret), inBase64];
}
