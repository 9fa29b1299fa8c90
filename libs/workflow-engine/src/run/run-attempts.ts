import {
  type ActivityState,
  type EarlierAttempts,
  type RunAgain,
} from '../state/activity-state.js';
import { ownMember } from '../own-member.js';
import { type Writable } from '../writable.js';

type Before = Pick<ActivityState, 'again' | 'earlier'>;

/** The attempt of the run, and the numbers of its tasks' attempts in earlier ones. */
export class RunAttempts {
  #again: RunAgain | undefined;
  #earlier: EarlierAttempts | undefined;

  constructor(private readonly before: Before) {
    this.#again = before.again;
    this.#earlier = before.earlier;
  }

  get hasChanged(): boolean {
    return this.#again !== this.before.again;
  }

  get again(): RunAgain | undefined {
    return this.#again;
  }

  /** Whether the run waits for its next attempt to begin. */
  get isBetween(): boolean {
    return this.#again?.until !== undefined;
  }

  /** The number of a task's attempts before this attempt of the run; its next one has the following number. */
  beforeOf(task: string): number {
    return ownMember(this.#earlier?.attempts, task) ?? 0;
  }

  /** Replaces the attempt by the next one, which begins at `again.until`. */
  next(again: RunAgain, earlier: EarlierAttempts): void {
    this.#again = again;
    this.#earlier = earlier;
  }

  /** Begins the attempt now. */
  goOn(): void {
    if (this.#again === undefined) return;
    const { until: _, ...again } = this.#again;
    this.#again = again;
  }

  /** Sets members of the state after the step. */
  writeTo(state: Writable<Before>): void {
    if (this.#earlier !== undefined) state.earlier = this.#earlier;
    if (this.#again !== undefined) state.again = this.#again;
  }
}
