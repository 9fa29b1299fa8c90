import {
  type LockAsker,
  type LockHolder,
  type LockRejection,
  type LockRequest,
  LockStore,
} from '../../locks/lock-store.js';
import { Outage } from './outage.js';

interface Row {
  readonly request: LockRequest | LockHolder;
  readonly lookAt: number;
}

/** The contract of `LockStore` in memory. */
export class MemoryLockStore extends LockStore {
  readonly outage = new Outage();
  readonly #rows = new Map<string, Row>();

  override async ask(request: LockRequest, lookAt: number): Promise<void> {
    this.outage.check('ask for a lock');
    const id = keyOf(request);
    if (!this.#rows.has(id)) this.#rows.set(id, { request, lookAt });
  }

  override async withdraw(asker: LockAsker): Promise<void> {
    this.outage.check('give back a lock');
    this.#rows.delete(keyOf(asker));
  }

  override async grant(lock: string, now: number, lookAt: number): Promise<LockHolder | undefined> {
    this.outage.check('give a lock');
    const requests = [...this.#rows.values()]
      .map(({ request }) => request)
      .filter((request) => request.lock === lock);
    const held = requests.filter(isHolder);
    const unsignalled = held.find(({ isSignalled }) => !isSignalled);
    if (unsignalled) return unsignalled;
    const [first] = requests
      .filter((request) => !isHolder(request) && request.rejection === undefined)
      .filter(({ notBefore = now }) => notBefore <= now)
      .toSorted(placeOf);
    if (!first || held.length >= (first.limit ?? 1)) return held[0];
    const holder = { ...first, grantedAt: now, isSignalled: false };
    this.#rows.set(keyOf(first), { request: holder, lookAt });
    return holder;
  }

  override async holderOf(lock: string): Promise<LockHolder | undefined> {
    this.outage.check('find who has a lock');
    const requests = [...this.#rows.values()].map(({ request }) => request);
    return requests.filter(isHolder).find((holder) => holder.lock === lock);
  }

  override async markSignalled(holder: LockRequest, now: number, lookAt: number): Promise<void> {
    this.outage.check('change a lock');
    const id = keyOf(holder);
    const request = this.#rows.get(id)?.request;
    if (request === undefined || !isHolder(request) || request.isSignalled) return;
    const signalled = { ...request, grantedAt: now, isSignalled: true };
    this.#rows.set(id, {
      request: signalled,
      lookAt: Math.min(lookAt, now + (signalled.leaseMs ?? Infinity)),
    });
  }

  override async newest(
    lock: string,
    { skip, limit, waiting }: Parameters<LockStore['newest']>[1],
  ): Promise<readonly (LockHolder | LockRequest)[]> {
    this.outage.check('find who is newest');
    return [...this.#rows.values()]
      .map(({ request }) => request)
      .filter((request) => request.lock === lock && !(waiting && isHolder(request)))
      .filter(({ rejection }) => rejection === undefined)
      .toSorted((a, b) => placeOf(b, a))
      .slice(skip, skip + limit);
  }

  override async reject(
    asker: LockAsker,
    rejection: LockRejection,
    lookAt: number,
  ): Promise<boolean> {
    this.outage.check('reject a request for a slot');
    const id = keyOf(asker);
    const request = this.#rows.get(id)?.request;
    if (request === undefined || isHolder(request)) return false;
    if (request.rejection === undefined)
      this.#rows.set(id, { request: { ...request, rejection }, lookAt });
    return true;
  }

  override async countWaitingBefore(request: LockRequest, max: number): Promise<number> {
    this.outage.check('count who waits');
    const before = [...this.#rows.values()].filter(
      ({ request: other }) =>
        other.lock === request.lock && !isHolder(other) && placeOf(other, request) < 0,
    );
    return Math.min(before.length, max);
  }

  override async keepBack(asker: LockAsker, keptMs: number, now: number): Promise<void> {
    this.outage.check('keep back a slot');
    const id = keyOf(asker);
    const request = this.#rows.get(id)?.request;
    if (request === undefined) return;
    if (!isHolder(request) || request.grantedAt + keptMs <= now) this.#rows.delete(id);
    else {
      const kept = { ...request, isSignalled: true, leaseMs: keptMs };
      this.#rows.set(id, { request: kept, lookAt: request.grantedAt + keptMs });
    }
  }

  override async due(now: number, limit: number): Promise<readonly (LockHolder | LockRequest)[]> {
    this.outage.check('look at locks');
    return [...this.#rows.values()]
      .filter(({ lookAt }) => lookAt <= now)
      .toSorted((a, b) => a.lookAt - b.lookAt)
      .slice(0, limit)
      .map(({ request }) => request);
  }

  override async lookAgain(found: LockHolder | LockRequest, lookAt: number): Promise<void> {
    this.outage.check('change a lock');
    const request = this.#rows.get(keyOf(found))?.request;
    if (request && isHolder(request) === isHolder(found))
      this.#rows.set(keyOf(found), { request, lookAt });
  }

  override async lookAgainAtQueue(
    lock: string,
    now: number,
    { msMin, msMax }: Parameters<LockStore['lookAgainAtQueue']>[2],
  ): Promise<void> {
    this.outage.check('look again at who waits');
    for (const [id, { request, lookAt }] of this.#rows) {
      const { rejection, notBefore = now, askedAt } = request;
      const mayHaveIt = !isHolder(request) && rejection === undefined && notBefore <= now;
      if (request.lock !== lock || !mayHaveIt || lookAt >= now + msMin) continue;
      const pause = Math.min(msMax, Math.max(msMin, now - askedAt));
      this.#rows.set(id, { request, lookAt: now + pause });
    }
  }
}

/** Compares two requests: negative if `a` is before `b` in the queue. */
function placeOf(a: LockRequest, b: LockRequest): number {
  const [own, other] = [keyOf(a), keyOf(b)];
  if (a.askedAt !== b.askedAt || own === other) return a.askedAt - b.askedAt;
  return own < other ? -1 : 1;
}

function keyOf({ lock, activity, task, attempt }: LockAsker): string {
  return JSON.stringify([lock, activity, task, attempt]);
}

function isHolder(request: LockRequest | LockHolder): request is LockHolder {
  return 'isSignalled' in request;
}
