import {
  firstLook,
  idOfAsker,
  type LockAsker,
  type LockHolder,
  type LockRequest,
  LockStore,
} from '../../locks/lock-store.js';
import { Outage } from './outage.js';

interface Held extends LockHolder {
  readonly lookAt: number;
}

/** The contract of `LockStore` in memory. */
export class MemoryLockStore extends LockStore {
  readonly outage = new Outage();
  readonly #requests = new Map<string, LockRequest>();
  readonly #holders = new Map<string, Held>();

  override async ask(request: LockRequest): Promise<void> {
    this.outage.check('ask for a lock');
    const id = idOfAsker(request);
    if (!this.#requests.has(id)) this.#requests.set(id, request);
  }

  override async withdraw(asker: LockAsker): Promise<void> {
    this.outage.check('give back a lock');
    this.#requests.delete(idOfAsker(asker));
    const holder = this.#holders.get(asker.lock);
    if (holder && idOfAsker(holder) === idOfAsker(asker)) this.#holders.delete(asker.lock);
  }

  override async grant(lock: string, now: number, lookAt: number): Promise<LockHolder | undefined> {
    this.outage.check('give a lock');
    const held = this.#holders.get(lock);
    if (held) return withoutLook(held);
    const [first] = [...this.#requests.values()]
      .filter((request) => request.lock === lock)
      .toSorted((a, b) => a.askedAt - b.askedAt || (idOfAsker(a) < idOfAsker(b) ? -1 : 1));
    if (!first) return undefined;
    const look = firstLook(first, now, lookAt);
    const given = { ...first, grantedAt: now, isTold: false, lookAt: look };
    this.#holders.set(lock, given);
    return withoutLook(given);
  }

  override async markTold(holder: LockAsker): Promise<void> {
    this.#change(holder, { isTold: true });
  }

  override async due(now: number, limit: number): Promise<readonly LockHolder[]> {
    this.outage.check('look at locks');
    return [...this.#holders.values()]
      .filter(({ lookAt }) => lookAt <= now)
      .toSorted((a, b) => a.lookAt - b.lookAt)
      .slice(0, limit)
      .map(withoutLook);
  }

  override async lookAgain(holder: LockAsker, lookAt: number): Promise<void> {
    this.#change(holder, { lookAt });
  }

  #change(holder: LockAsker, changes: Partial<Held>): void {
    this.outage.check('change a lock');
    const held = this.#holders.get(holder.lock);
    if (held && idOfAsker(held) === idOfAsker(holder))
      this.#holders.set(holder.lock, { ...held, ...changes });
  }
}

function withoutLook({ lookAt: _, ...holder }: Held): LockHolder {
  return holder;
}
