import { mongo, type Model } from 'mongoose';
import { type MongoLink } from '../connection/mongo-link.js';
import { StoreUnavailableError } from '../errors.js';
import {
  firstLook,
  idOfAsker,
  type LockAsker,
  type LockHolder,
  type LockRequest,
  LockStore,
} from './lock-store.js';
import { type LockDocument } from './lock.schema.js';

const DUPLICATE_KEY = 11000;
/** How often another may be quicker, before it is left to the next delivery. */
const TRIES_MAX = 10;

export class MongoLockStore extends LockStore {
  constructor(
    private readonly locks: Model<LockDocument>,
    private readonly link: MongoLink,
  ) {
    super();
  }

  override async ask({ askedAt, leaseMs, ...asker }: LockRequest): Promise<void> {
    const { lock, activity, task, attempt } = asker;
    const lease = leaseMs !== undefined && { leaseMs };
    const document = { lock, activity, task, attempt, askedAt: new Date(askedAt), ...lease };
    await this.link.run('ask for a lock', () =>
      this.locks.updateOne({ _id: idOfAsker(asker) }, { $setOnInsert: document }, { upsert: true }),
    );
  }

  override async withdraw(asker: LockAsker): Promise<void> {
    await this.link.run('give back a lock', () => this.locks.deleteOne({ _id: idOfAsker(asker) }));
  }

  override async grant(lock: string, now: number, lookAt: number): Promise<LockHolder | undefined> {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const held = await this.#first({ lock, held: true });
      if (held) return toHolder(held);
      const next = await this.#first({ lock, held: { $exists: false } });
      if (!next) return undefined;
      const look = new Date(firstLook(toRequest(next), now, lookAt));
      const given = { held: true, grantedAt: new Date(now), isTold: false, lookAt: look } as const;
      await this.#give(next._id, given);
    }
    throw new StoreUnavailableError('give a lock');
  }

  override async markTold(holder: LockAsker): Promise<void> {
    await this.#set(holder, { isTold: true });
  }

  override async due(now: number, limit: number): Promise<readonly LockHolder[]> {
    const found = await this.link.run('look at locks', () =>
      this.locks
        .find({ held: true, lookAt: { $lte: new Date(now) } })
        .sort({ lookAt: 1 })
        .limit(limit)
        .lean(),
    );
    return found.map(toHolder);
  }

  override async lookAgain(holder: LockAsker, lookAt: number): Promise<void> {
    await this.#set(holder, { lookAt: new Date(lookAt) });
  }

  async #first(filter: Readonly<Record<string, unknown>>): Promise<LockDocument | null> {
    return this.link.run('find a lock', () =>
      this.locks.findOne(filter).sort({ askedAt: 1, _id: 1 }).lean<LockDocument>(),
    );
  }

  /** To this one, unless another is quicker: then the index refuses it. */
  async #give(_id: string, given: Partial<LockDocument>): Promise<void> {
    await this.link.run('give a lock', async () => {
      try {
        await this.locks.updateOne({ _id, held: { $exists: false } }, { $set: given });
      } catch (error) {
        const isLate = error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY;
        if (!isLate) throw error;
      }
    });
  }

  async #set(holder: LockAsker, changes: Partial<LockDocument>): Promise<void> {
    await this.link.run('change a lock', () =>
      this.locks.updateOne({ _id: idOfAsker(holder), held: true }, { $set: changes }),
    );
  }
}

function toRequest(document: LockDocument): LockRequest {
  const { lock, activity, task, attempt, askedAt, leaseMs } = document;
  const lease = leaseMs !== undefined && { leaseMs };
  return { lock, activity, task, attempt, askedAt: askedAt.getTime(), ...lease };
}

function toHolder(document: LockDocument): LockHolder {
  const { grantedAt, isTold = false, askedAt } = document;
  return { ...toRequest(document), grantedAt: (grantedAt ?? askedAt).getTime(), isTold };
}
