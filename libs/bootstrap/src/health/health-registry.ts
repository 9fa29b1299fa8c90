import { type DependencyState, type Readiness, readinessOf } from './readiness.js';

/** Something outside this process that it works with. */
export interface Dependency {
  readonly name: string;
  /** What is known now; it asks nobody, so that a health check can't hang. */
  check(): DependencyState;
}

/** The dependencies of this process, and whether it is about to end. */
export class HealthRegistry {
  readonly #entries: { readonly dependency: Dependency; readonly need?: string }[] = [];
  #stopping = false;

  /**
   * @param need what the process can't do without one of the dependencies that name the same need;
   *   without it, the process stays ready when the dependency is gone
   */
  register(dependency: Dependency, need?: string): void {
    this.#entries.push({ dependency, ...(need !== undefined && { need }) });
  }

  /** From now on not ready, for good: nobody should send this process any more work. */
  stop(): void {
    this.#stopping = true;
  }

  readiness(): Readiness {
    const checked = this.#entries.map(({ dependency, ...need }) => ({
      name: dependency.name,
      state: dependency.check(),
      ...need,
    }));
    return readinessOf(checked, this.#stopping);
  }
}
