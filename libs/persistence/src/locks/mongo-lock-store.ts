import { type Model } from 'mongoose';
import { type MongoLink } from '../connection/mongo-link.js';
import { StoreUnavailableError } from '../errors.js';
import { isDuplicateKeyError } from '../storage/write-command.js';
import {
  idOfAsker,
  isHolder,
  type LockAsker,
  type LockHolder,
  type LockRejection,
  type LockRequest,
  LockStore,
  nextLook,
} from './lock-store.js';
import { type HeldDocument, type LockDocument } from './lock.schema.js';

/** How often a grant is tried when other processes are quicker. Then it is left to the next call. */
const TRIES_MAX = 10;
/** Greater than the largest limit of a slot, so that one batch has all its holders. */
const TAKEN_BATCH = 1_001;
/** The holder that has to be signalled; the next request; and the number of a free seat, if there is one. */
type Free = readonly [HeldDocument | null, LockDocument | null, number | undefined];
const WAITS = { held: { $exists: false } } as const;

export class MongoLockStore extends LockStore {
  constructor(
    private readonly locks: Model<LockDocument>,
    private readonly link: MongoLink,
    /** Locks have one holder; slots may have several. */
    private readonly kind: 'locks' | 'slots' = 'locks',
  ) {
    super();
  }

  override async ask(request: LockRequest, lookAt: number): Promise<void> {
    const { lock, activity, task, attempt, askedAt, leaseMs, limit } = request;
    const { throttleMs, notBefore } = request;
    const lease = {
      ...(leaseMs !== undefined && { leaseMs }),
      ...(limit !== undefined && { limit }),
      ...(throttleMs !== undefined && { throttleMs }),
      ...(notBefore !== undefined && { notBefore: new Date(notBefore) }),
    };
    const times = { askedAt: new Date(askedAt), lookAt: new Date(lookAt) };
    const document = { lock, activity, task, attempt, ...times, ...lease };
    const filter = { _id: idOfAsker(request) };
    await this.link.run('ask for a lock', () =>
      this.locks.updateOne(filter, { $setOnInsert: document }, { upsert: true }),
    );
  }

  override async withdraw(asker: LockAsker): Promise<void> {
    await this.link.run('give back a lock', () => this.locks.deleteOne({ _id: idOfAsker(asker) }));
  }

  override async grant(lock: string, now: number, lookAt: number): Promise<LockHolder | undefined> {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const [shown, next, seat] =
        this.kind === 'slots' ? await this.#slotFor(lock, now) : await this.#lockFor(lock, now);
      if (shown) return toHolder(shown);
      if (!next || seat === undefined) return this.holderOf(lock);
      const times = { grantedAt: new Date(now), lookAt: new Date(lookAt) };
      const place = this.kind === 'slots' && { seat };
      const given = await this.#give(next._id, { held: true, isTold: false, ...times, ...place });
      if (given) return toHolder(given);
    }
    throw new StoreUnavailableError('give a lock');
  }

  override async holderOf(lock: string): Promise<LockHolder | undefined> {
    const holder = await this.#find(lock, { held: true });
    return holder ? toHolder(holder) : undefined;
  }

  override async markSignalled(holder: LockRequest, now: number, lookAt: number): Promise<void> {
    const look = nextLook({ ...holder, grantedAt: now, isSignalled: true }, lookAt);
    const signalled = { isTold: true, grantedAt: new Date(now), lookAt: new Date(look) };
    await this.#set(holder, { held: true, isTold: false }, signalled);
  }

  override async newest(
    lock: string,
    { skip, limit, waiting }: Parameters<LockStore['newest']>[1],
  ): Promise<readonly (LockHolder | LockRequest)[]> {
    const found = await this.link.run('find who is newest', () =>
      this.locks
        .find({ lock, ...(waiting && WAITS), turnedAway: { $exists: false } })
        .sort({ askedAt: -1, _id: -1 })
        .skip(skip)
        .limit(limit)
        .lean<LockDocument[]>(),
    );
    return found.map(toEither);
  }

  override async reject(
    asker: LockAsker,
    rejection: LockRejection,
    lookAt: number,
  ): Promise<boolean> {
    const one = { _id: idOfAsker(asker), ...WAITS };
    const set = { turnedAway: rejection, lookAt: new Date(lookAt) };
    return this.link.run('reject a request for a slot', async () => {
      await this.locks.updateOne({ ...one, turnedAway: { $exists: false } }, { $set: set });
      return (await this.locks.exists({ ...one, turnedAway: { $exists: true } })) !== null;
    });
  }

  override async countWaitingBefore(request: LockRequest, max: number): Promise<number> {
    const askedAt = new Date(request.askedAt);
    // Counted from one index alone. An index has `null` for a missing field, hence not `$exists`.
    const options = { limit: max, hint: this.kind === 'slots' ? 'waiting' : 'queue' };
    const waiting = { lock: request.lock, held: null };
    const before = [
      { ...waiting, askedAt: { $lt: askedAt } },
      { ...waiting, askedAt, _id: { $lt: idOfAsker(request) } },
    ];
    const counts = await this.link.run('count who waits', () =>
      Promise.all(before.map((filter) => this.locks.countDocuments(filter, options))),
    );
    return Math.min(
      counts.reduce((sum, count) => sum + count, 0),
      max,
    );
  }

  override async keepBack(asker: LockAsker, keptMs: number, now: number): Promise<void> {
    const until = { $add: ['$grantedAt', keptMs] };
    const kept = { isTold: true, leaseMs: keptMs, lookAt: until };
    const _id = idOfAsker(asker);
    await this.link.run('keep back a slot', async () => {
      await this.locks.updateOne({ _id, held: true }, [{ $set: kept }], { updatePipeline: true });
      await this.locks.deleteOne({
        _id,
        $or: [WAITS, { lookAt: { $lte: new Date(now) } }],
      });
    });
  }

  override async due(now: number, limit: number): Promise<readonly (LockHolder | LockRequest)[]> {
    const found = await this.link.run('look at locks', () =>
      this.locks
        .find({ lookAt: { $lte: new Date(now) } })
        .sort({ lookAt: 1 })
        .limit(limit)
        .lean<LockDocument[]>(),
    );
    return found.map(toEither);
  }

  override async lookAgain(found: LockHolder | LockRequest, lookAt: number): Promise<void> {
    const filter = isHolder(found) ? { held: true } : WAITS;
    await this.#set(found, filter, { lookAt: new Date(lookAt) });
  }

  override async lookAgainAtQueue(
    lock: string,
    now: number,
    { msMin, msMax }: Parameters<LockStore['lookAgainAtQueue']>[2],
  ): Promise<void> {
    const filter = { lock, ...mayHaveIt(now), lookAt: { $lt: new Date(now + msMin) } };
    const waited = { $subtract: [new Date(now), '$askedAt'] };
    const pause = { $min: [msMax, { $max: [msMin, waited] }] };
    const again = [{ $set: { lookAt: { $add: [new Date(now), pause] } } }];
    await this.link.run('look again at who waits', () =>
      this.locks.updateMany(filter, again, { updatePipeline: true }),
    );
  }

  /** The holder, if there is one; else the next request. */
  async #lockFor(lock: string, now: number): Promise<Free> {
    const holder = await this.#find(lock, { held: true });
    return holder ? [holder, null, undefined] : [null, await this.#next(lock, now), 0];
  }

  /** A holder that has to be signalled, the next request, and a seat that is free under its limit. */
  async #slotFor(lock: string, now: number): Promise<Free> {
    const [unsignalled, next, taken] = await Promise.all([
      this.#find(lock, { isTold: false }),
      this.#next(lock, now),
      this.#taken(lock),
    ]);
    return [unsignalled, next, next ? freeSeat(taken, next.limit) : undefined];
  }

  /** Without a sort, so that MongoDB uses the index of holders and not that of the queue. */
  async #find(lock: string, filter: Partial<HeldDocument>): Promise<HeldDocument | null> {
    return this.link.run('find who has a lock', () =>
      this.locks.findOne({ lock, ...filter }).lean<HeldDocument>(),
    );
  }

  /** The taken seats, from the index alone. */
  async #taken(lock: string): Promise<ReadonlySet<number | undefined>> {
    const held = await this.link.run('find which slots are taken', () =>
      this.locks
        .find({ lock, held: true }, { _id: 0, seat: 1 })
        .batchSize(TAKEN_BATCH)
        .lean<Pick<HeldDocument, 'seat'>[]>(),
    );
    return new Set(held.map(({ seat }) => seat));
  }

  async #next(lock: string, now: number): Promise<LockDocument | null> {
    return this.link.run('find who is next', () =>
      this.locks
        .findOne({ lock, ...mayHaveIt(now) })
        .sort({ askedAt: 1, _id: 1 })
        .lean<LockDocument>(),
    );
  }

  /**
   * Makes a request a holder. If another process was quicker, the unique index refuses that, and nothing changes.
   * @returns the holder, or null if nothing changed
   */
  async #give(_id: string, given: Partial<HeldDocument>): Promise<HeldDocument | null> {
    return this.link.run('give a lock', async () => {
      try {
        const waits = { ...WAITS, turnedAway: { $exists: false } };
        return await this.locks
          .findOneAndUpdate({ _id, ...waits }, { $set: given }, { returnDocument: 'after' })
          .lean<HeldDocument>();
      } catch (error) {
        if (!isDuplicateKeyError(error)) throw error;
        return null;
      }
    });
  }

  async #set(
    asker: LockAsker,
    filter: Readonly<Record<string, unknown>>,
    changes: Partial<HeldDocument>,
  ): Promise<void> {
    await this.link.run('change a lock', () =>
      this.locks.updateOne({ _id: idOfAsker(asker), ...filter }, { $set: changes }),
    );
  }
}

/** The filter of waiting requests that may be granted: not rejected, and with no later `notBefore`. */
function mayHaveIt(now: number): Readonly<Record<string, unknown>> {
  const isDue = { notBefore: { $not: { $gt: new Date(now) } }, turnedAway: { $exists: false } };
  return { ...WAITS, ...isDue };
}

/** The lowest free seat; undefined when `limit` seats are taken. */
function freeSeat(taken: ReadonlySet<number | undefined>, limit = 1): number | undefined {
  if (taken.size >= limit) return undefined;
  let seat = 0;
  while (taken.has(seat)) seat += 1;
  return seat;
}

function toRequest(document: LockDocument): LockRequest {
  const { lock, activity, task, attempt, askedAt, leaseMs, limit } = document;
  const { throttleMs, notBefore, turnedAway: rejection } = document;
  const lease = {
    ...(leaseMs !== undefined && { leaseMs }),
    ...(limit !== undefined && { limit }),
    ...(throttleMs !== undefined && { throttleMs }),
    ...(notBefore !== undefined && { notBefore: notBefore.getTime() }),
    ...(rejection !== undefined && { rejection }),
  };
  return { lock, activity, task, attempt, askedAt: askedAt.getTime(), ...lease };
}

function toEither(document: LockDocument): LockHolder | LockRequest {
  return isHeld(document) ? toHolder(document) : toRequest(document);
}

function isHeld(document: LockDocument): document is HeldDocument {
  return document.held === true;
}

function toHolder(document: HeldDocument): LockHolder {
  const { grantedAt, isTold: isSignalled } = document;
  return { ...toRequest(document), grantedAt: grantedAt.getTime(), isSignalled };
}
