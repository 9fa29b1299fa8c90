import { type Dependency } from './health-registry.js';
import { type DependencyState } from './readiness.js';

/** A dependency whose client reports when it comes and goes; down until it is first heard of. */
export class TrackedDependency implements Dependency {
  #state: DependencyState;

  constructor(
    readonly name: string,
    private readonly now: () => number = Date.now,
  ) {
    this.#state = { state: 'down', since: now(), detail: 'not connected yet' };
  }

  up(): void {
    if (this.#state.state === 'up') return;
    this.#state = { state: 'up', since: this.now() };
  }

  /** Said again, it changes the detail but not since when. */
  down(detail: string): void {
    const since = this.#state.state === 'down' ? this.#state.since : this.now();
    this.#state = { state: 'down', since, detail };
  }

  check(): DependencyState {
    return this.#state;
  }
}
