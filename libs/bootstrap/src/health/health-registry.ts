import { type DependencyState, type Phase, type Readiness, readinessOf } from './readiness.js';

/** A dependency outside this process. */
export interface Dependency {
  readonly name: string;
  /** What is known now, without a request, so that a health check can't hang. */
  check(): DependencyState;
}

/** The dependencies of this process, and whether it has started and not been told to stop. */
export class HealthRegistry {
  readonly #entries: { readonly dependency: Dependency; readonly need?: string }[] = [];
  #phase: Phase = 'starting';

  /**
   * @param need what the process can't do without one of the dependencies that name the same need;
   *   without it, the process stays ready when the dependency is gone
   */
  register(dependency: Dependency, need?: string): void {
    this.#entries.push({ dependency, ...(need !== undefined && { need }) });
  }

  /** The process listens and takes work: from now on it is ready if its needs are met. */
  started(): void {
    this.#phase = 'running';
  }

  /** From now on the process is not ready, for good: it should be sent no more work. */
  stop(): void {
    this.#phase = 'stopping';
  }

  readiness(): Readiness {
    const checked = this.#entries.map(({ dependency, ...need }) => ({
      name: dependency.name,
      state: dependency.check(),
      ...need,
    }));
    return readinessOf(checked, this.#phase);
  }
}
