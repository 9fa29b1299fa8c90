import { NO_CONTENT, withinBounds } from '../../scopes/scope-content.js';
import {
  FORGOTTEN,
  type NextVersion,
  SCOPE_VERSIONS_MAX,
  ScopeStore,
  type ScopeVersion,
  type TaskSecret,
} from '../../scopes/scope-store.js';
import { Outage } from './outage.js';

/** The contract of `ScopeStore` in memory. */
export class MemoryScopeStore extends ScopeStore {
  readonly outage = new Outage();
  #versions: readonly ScopeVersion[] = [];

  override async latest(scope: string): Promise<ScopeVersion | undefined> {
    this.outage.check('read the latest parameters and secrets');
    return this.#latest(scope);
  }

  override async get(scope: string, version: number): Promise<ScopeVersion | undefined> {
    this.outage.check('read parameters and secrets');
    return this.#versions.find((one) => one.scope === scope && one.version === version);
  }

  override async put({
    scope,
    createdAt,
    replacedBefore,
    change,
  }: NextVersion): Promise<ScopeVersion> {
    this.outage.check('write parameters and secrets');
    const latest = this.#latest(scope);
    const content = withinBounds(change(latest ?? NO_CONTENT));
    const next = { scope, version: (latest?.version ?? 0) + 1, createdAt, ...content };
    const isKept = (one: ScopeVersion): boolean => {
      const successor = this.#versions.find(
        (other) => other.scope === scope && other.version === one.version + 1,
      );
      const isOld = successor !== undefined && successor.createdAt < replacedBefore;
      return !isOld && one.version > next.version - SCOPE_VERSIONS_MAX;
    };
    this.#versions = [...this.#versions.filter((one) => one.scope !== scope || isKept(one)), next];
    return next;
  }

  override async forget(scope: string, secret: string, last: number): Promise<void> {
    this.outage.check('forget a secret');
    this.#versions = this.#versions.map((one) => {
      if (one.scope !== scope || one.version > last) return one;
      const forget = (its: TaskSecret): TaskSecret =>
        its.name === secret ? { ...its, encrypted: FORGOTTEN } : its;
      return { ...one, secrets: one.secrets.map(forget) };
    });
  }

  #latest(scope: string): ScopeVersion | undefined {
    return this.#versions.findLast((one) => one.scope === scope);
  }
}
