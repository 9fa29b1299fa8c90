import { type MongoLink } from '../connection/mongo-link.js';
import { META } from '../schema/store-lease.js';

const ID = 'secrets-key';
/** The key in use and the one before it. */
const CHECKS_MAX = 2;

interface ChecksDocument {
  readonly _id: typeof ID;
  readonly checks: readonly string[];
}

/** A text that says nothing, encrypted with each key that secrets are encrypted with: a wrong key can't read it. */
export class KeyChecks {
  constructor(private readonly link: MongoLink) {}

  /** What is there, oldest first; `first` if nothing was. @throws StoreUnavailableError */
  async listOr(first: string): Promise<readonly string[]> {
    const found = await this.link.run('look whether SECRETS_KEY is the right one', (db) =>
      db
        .collection<ChecksDocument>(META)
        .findOneAndUpdate(
          { _id: ID },
          { $setOnInsert: { checks: [first] } },
          { upsert: true, returnDocument: 'after' },
        ),
    );
    return found?.checks ?? [first];
  }

  /** @throws StoreUnavailableError */
  async add(check: string): Promise<void> {
    await this.link.run('note the new SECRETS_KEY', (db) =>
      db
        .collection<ChecksDocument>(META)
        .updateOne({ _id: ID }, { $push: { checks: { $each: [check], $slice: -CHECKS_MAX } } }),
    );
  }
}
