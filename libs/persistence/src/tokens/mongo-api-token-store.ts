import { type Model, Schema } from 'mongoose';
import { type MongoLink } from '../connection/mongo-link.js';
import { ApiTokenExistsError, ApiTokenNotFoundError, ApiTokensFullError } from '../errors.js';
import { STRICT_SCHEMA } from '../storage/strict-schema.js';
import {
  API_TOKENS_MAX,
  type ApiToken,
  type ApiTokenRole,
  type ApiTokenScope,
  ApiTokenStore,
} from './api-token-store.js';

export const API_TOKEN_MODEL = 'ApiToken';

export interface ApiTokenDocument {
  /** The label, which is thereby unique. */
  readonly _id: string;
  readonly id: string;
  readonly role: ApiTokenRole;
  readonly groups: readonly string[];
  readonly workflows?: readonly string[];
  /** Pairs and no object, because the names come from users. */
  readonly labels?: readonly { readonly name: string; readonly value: string }[];
  readonly hash: string;
  readonly createdAt: Date;
  readonly expiresAt?: Date;
}

export const apiTokenSchema = new Schema<ApiTokenDocument>(
  {
    _id: String,
    id: String,
    role: String,
    groups: [String],
    workflows: Schema.Types.Mixed,
    labels: Schema.Types.Mixed,
    hash: String,
    createdAt: Date,
    expiresAt: Date,
  },
  { ...STRICT_SCHEMA, id: false, collection: 'api_tokens' },
);

apiTokenSchema.index({ hash: 1 }, { name: 'hash' });

/** Only dates are compared: a token without one would be less than every date. */
const EXPIRED = {
  expiresAt: { $type: 'date' },
  $expr: { $lte: ['$expiresAt', '$$NOW'] },
} as const;

export class MongoApiTokenStore extends ApiTokenStore {
  constructor(
    private readonly tokens: Model<ApiTokenDocument>,
    private readonly link: MongoLink,
  ) {
    super();
  }

  /** The upsert returns the stored token, and that is compared, so that a repeat after a lost answer succeeds. */
  override async add(token: ApiToken): Promise<void> {
    const { _id, ...document } = documentOf(token);
    await this.link.run('remove the expired tokens of the API', () =>
      this.tokens.deleteMany(EXPIRED),
    );
    const count = await this.link.run('count the tokens of the API', () =>
      this.tokens.countDocuments(),
    );
    if (count >= API_TOKENS_MAX) throw new ApiTokensFullError(API_TOKENS_MAX);
    const stored = await this.link.run('add a token of the API', () =>
      this.tokens
        .findOneAndUpdate(
          { _id },
          { $setOnInsert: document },
          { upsert: true, returnDocument: 'after' },
        )
        .lean(),
    );
    if (stored.id !== token.id) throw new ApiTokenExistsError(token.label);
  }

  override async remove(id: string): Promise<void> {
    const { deletedCount } = await this.link.run('remove a token of the API', () =>
      this.tokens.deleteOne({ id }),
    );
    if (deletedCount === 0) throw new ApiTokenNotFoundError(id);
  }

  override async list(): Promise<readonly ApiToken[]> {
    const found = await this.link.run('list the tokens of the API', () =>
      this.tokens.find().sort({ _id: 1 }).lean(),
    );
    return found.map(tokenOf);
  }

  override async findByHash(hash: string): Promise<ApiToken | undefined> {
    const found = await this.link.run('find a token of the API', () =>
      this.tokens.findOne({ hash }).lean(),
    );
    return found ? tokenOf(found) : undefined;
  }
}

function documentOf({ label, scope, createdAt, expiresAt, ...rest }: ApiToken): ApiTokenDocument {
  const { workflows, labels } = scope ?? {};
  return {
    _id: label,
    ...rest,
    ...(workflows && { workflows }),
    ...(labels && { labels: Object.entries(labels).map(([name, value]) => ({ name, value })) }),
    createdAt: new Date(createdAt),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
  };
}

function tokenOf(document: ApiTokenDocument): ApiToken {
  const { _id: label, id, role, groups, workflows, labels, hash, createdAt, expiresAt } = document;
  const scope: ApiTokenScope = {
    ...(workflows && { workflows }),
    ...(labels && { labels: Object.fromEntries(labels.map(({ name, value }) => [name, value])) }),
  };
  return {
    ...{ id, label, role, groups, hash },
    ...(Object.keys(scope).length > 0 && { scope }),
    createdAt: createdAt.getTime(),
    ...(expiresAt && { expiresAt: expiresAt.getTime() }),
  };
}
