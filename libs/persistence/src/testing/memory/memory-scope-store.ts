import { toJsonText } from '@app/json';
import { ScopeFullError } from '../../errors.js';
import {
  FORGOTTEN,
  type NextVersion,
  type ScopeContent,
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
    const { parameters, secrets } = change(latest ?? { parameters: {}, secrets: [] });
    const content = { parameters, secrets: secrets.filter((one) => one.encrypted !== FORGOTTEN) };
    checkSize(content);
    const next = { scope, version: (latest?.version ?? 0) + 1, createdAt, ...content };
    const isKept = (one: ScopeVersion): boolean => {
      const successor = this.#versions.find(
        (other) => other.scope === scope && other.version === one.version + 1,
      );
      const isOld = successor !== undefined && successor.createdAt < replacedBefore;
      return !isOld && one.version > next.version - 1_000;
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

function checkSize({ parameters, secrets }: ScopeContent): void {
  if (Object.keys(parameters).length > 100) throw new ScopeFullError('100 parameters');
  if (secrets.length > 100) throw new ScopeFullError('100 secrets');
  if (toJsonText(parameters).length > 262_144) throw new ScopeFullError('262144 characters');
}
