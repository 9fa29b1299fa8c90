import { type Model, Schema } from 'mongoose';
import { type MongoLink } from '../connection/mongo-link.js';
import { GlobalTokenStore, type GlobalToken } from './global-token-store.js';
import { STRICT_SCHEMA } from '../storage/strict-schema.js';

export const GLOBAL_TOKEN_MODEL = 'GlobalToken';

export interface GlobalTokenDocument {
  /** `first` for the first token, which is thereby unique. */
  readonly _id: string;
  readonly id: string;
  readonly hash: string;
  readonly createdAt: Date;
}

export const globalTokenSchema = new Schema<GlobalTokenDocument>(
  { _id: String, id: String, hash: String, createdAt: Date },
  { ...STRICT_SCHEMA, id: false, collection: 'tokens' },
);

const FIRST = 'first';
const TOKENS_MAX = 100;

export class MongoGlobalTokenStore extends GlobalTokenStore {
  constructor(
    private readonly tokens: Model<GlobalTokenDocument>,
    private readonly link: MongoLink,
  ) {
    super();
  }

  /**
   * The process that inserts the id `first` succeeds. The upsert returns the stored token, and that is compared, so that
   * a repeat with the same token after a lost answer succeeds, too.
   */
  override async addFirst({ id, hash, createdAt }: GlobalToken): Promise<boolean> {
    const first = await this.link.run('add the first token', () =>
      this.tokens
        .findOneAndUpdate(
          { _id: FIRST },
          { $setOnInsert: { id, hash, createdAt: new Date(createdAt) } },
          { upsert: true, returnDocument: 'after' },
        )
        .lean(),
    );
    return first.id === id;
  }

  override async list(): Promise<readonly GlobalToken[]> {
    const found = await this.link.run('list tokens', () =>
      this.tokens.find().limit(TOKENS_MAX).lean(),
    );
    return found.map(({ id, hash, createdAt }) => ({ id, hash, createdAt: createdAt.getTime() }));
  }
}
