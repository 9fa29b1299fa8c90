import { type JsonObject, parseJson, toJsonText } from '@app/json';
import { type mongo, type Model } from 'mongoose';
import { type MongoLink } from '../connection/mongo-link.js';
import { NO_CONTENT, withinBounds } from './scope-content.js';
import { ScopeChangedError } from '../errors.js';
import { isDuplicateKeyError } from '../storage/write-command.js';
import {
  FORGOTTEN,
  type NextVersion,
  SCOPE_VERSIONS_MAX,
  ScopeStore,
  type ScopeVersion,
} from './scope-store.js';
import { type ScopeVersionDocument } from './scope-version.schema.js';

/** How often a change is tried when other processes are quicker. */
const ATTEMPTS_MAX = 20;

export class MongoScopeStore extends ScopeStore {
  constructor(
    private readonly versions: Model<ScopeVersionDocument>,
    private readonly link: MongoLink,
  ) {
    super();
  }

  override async latest(scope: string): Promise<ScopeVersion | undefined> {
    const found = await this.link.run('read the latest parameters and secrets', () =>
      this.versions.findOne({ scope }).sort({ version: -1 }).lean(),
    );
    return found ? toDomain(found) : undefined;
  }

  override async get(scope: string, version: number): Promise<ScopeVersion | undefined> {
    const found = await this.link.run('read parameters and secrets', () =>
      this.versions.findOne({ _id: idOf(scope, version) }).lean(),
    );
    return found ? toDomain(found) : undefined;
  }

  override async put({
    scope,
    createdAt,
    replacedBefore,
    change,
  }: NextVersion): Promise<ScopeVersion> {
    for (let attempts = 0; attempts < ATTEMPTS_MAX; attempts += 1) {
      const latest = await this.latest(scope);
      const content = withinBounds(change(latest ?? NO_CONTENT));
      const next = { scope, version: (latest?.version ?? 0) + 1, createdAt, ...content };
      if (!(await this.#insert(next))) continue;
      await this.#prune(next, replacedBefore);
      return next;
    }
    throw new ScopeChangedError();
  }

  override async forget(scope: string, secret: string, last: number): Promise<void> {
    await this.link.run('forget a secret', () =>
      this.versions.updateMany(
        { scope, version: { $lte: last }, 'secrets.name': secret },
        { $set: { 'secrets.$[one].encrypted': FORGOTTEN } },
        { arrayFilters: [{ 'one.name': secret }] },
      ),
    );
  }

  /** False when another process has made that version. */
  async #insert(version: ScopeVersion): Promise<boolean> {
    return this.link.run('write parameters and secrets', async () => {
      try {
        await this.versions.collection.insertOne(toDocument(version));
        return true;
      } catch (error) {
        if (isDuplicateKeyError(error)) return false;
        throw error;
      }
    });
  }

  /** The newest of those that came before then was replaced after it: it stays, and all behind it. */
  async #prune({ scope, version }: ScopeVersion, replacedBefore: number): Promise<void> {
    await this.link.run('remove old parameters and secrets', async () => {
      const kept = await this.versions
        .findOne({ scope, version: { $lt: version }, createdAt: { $lt: new Date(replacedBefore) } })
        .sort({ version: -1 })
        .lean();
      const first = Math.max(kept?.version ?? 0, version - SCOPE_VERSIONS_MAX + 1);
      await this.versions.deleteMany({ scope, version: { $lt: first } });
    });
  }
}

function idOf(scope: string, version: number): string {
  return `${version}@${scope}`;
}

function toDocument({ parameters, secrets, createdAt, ...rest }: ScopeVersion) {
  const stored: ScopeVersionDocument = {
    _id: idOf(rest.scope, rest.version),
    ...rest,
    parameters: toJsonText(parameters),
    secrets: secrets.map((one) => ({ ...one, changedAt: new Date(one.changedAt) })),
    createdAt: new Date(createdAt),
  };
  return stored as ScopeVersionDocument & mongo.Document & { readonly _id: never };
}

function toDomain({ _id, ...document }: ScopeVersionDocument): ScopeVersion {
  const { scope, version, parameters, secrets, createdAt } = document;
  return {
    scope,
    version,
    parameters: parseJson(parameters) as JsonObject,
    secrets: secrets.map(({ name, encrypted, changedAt }) => ({
      name,
      encrypted,
      changedAt: changedAt.getTime(),
    })),
    createdAt: createdAt.getTime(),
  };
}
