import { type MongoLink } from '../connection/mongo-link.js';
import { META } from '../due/store-lease.js';

const ID = 'secrets-key';
/** The key in use and the one before it. */
const CHECKS_MAX = 2;

interface ChecksDocument {
  readonly _id: typeof ID;
  readonly checks: readonly string[];
}

/** A known text, encrypted with each key in use, so that a process with a wrong key fails to decrypt it. */
export class KeyChecks {
  constructor(private readonly link: MongoLink) {}

  /** The stored checks, oldest first. @throws StoreUnavailableError */
  async list(): Promise<readonly string[]> {
    const found = await this.link.run('look whether there is a SECRETS_KEY', (db) =>
      db.collection<ChecksDocument>(META).findOne({ _id: ID }),
    );
    return found?.checks ?? [];
  }

  /** The stored checks, oldest first; stores `first` if there were none. @throws StoreUnavailableError */
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

  /**
   * Adds a check to those that were read. False when they have changed since: several processes that start with
   * different new keys must not displace each other's checks.
   * @throws StoreUnavailableError
   */
  async add(check: string, before: readonly string[]): Promise<boolean> {
    const checks = [...before, check].slice(-CHECKS_MAX);
    const { matchedCount } = await this.link.run('note the new SECRETS_KEY', (db) =>
      db
        .collection<ChecksDocument>(META)
        .updateOne({ _id: ID, checks: { $eq: before } }, { $set: { checks } }),
    );
    return matchedCount === 1;
  }
}
