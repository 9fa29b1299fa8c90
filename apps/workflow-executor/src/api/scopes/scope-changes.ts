import {
  type ScopeCache,
  type ScopeContent,
  type ScopeStore,
  type ScopeVersion,
} from '@app/persistence';
import { DAY_MS } from '@app/workflow-engine';

/** Makes versions of parameters and secrets, and keeps those that runs may still use. */
export class ScopeChanges {
  constructor(
    private readonly store: ScopeStore,
    private readonly cache: Pick<ScopeCache, 'changed'>,
    private readonly keptDays: number,
    private readonly clock: () => number,
  ) {}

  latest(scope: string): Promise<ScopeVersion | undefined> {
    return this.store.latest(scope);
  }

  /** @throws ScopeFullError, and what `change` throws */
  async change(
    scope: string,
    change: (latest: ScopeContent, now: number) => ScopeContent,
  ): Promise<ScopeVersion> {
    const now = this.clock();
    const made = await this.store.put({
      scope,
      createdAt: now,
      replacedBefore: now - this.keptDays * DAY_MS,
      change: (latest) => change(latest, now),
    });
    this.cache.changed(made);
    return made;
  }

  /** Removes the secret from the versions up to `last` as well, which earlier runs use. */
  forget(scope: string, secret: string, last: number): Promise<void> {
    return this.store.forget(scope, secret, last);
  }
}
