import { ScopeCache } from '@app/persistence';
import { MemoryScopeStore } from '@app/persistence/testing';
import { RunScopes } from '../starting/run-scopes.js';

/** Of an installation that has neither parameters nor secrets, unless a test puts some into the store. */
export function memoryScopes(store = new MemoryScopeStore()): RunScopes {
  return new RunScopes(new ScopeCache(store, 0), { rootIn: () => undefined });
}
