import { type JsonValue } from '@app/json';
import { type ActivityState, type Operation } from '../../state/activity-state.js';
import {
  EARLY_SIGNALS_CHARS_MAX,
  EARLY_SIGNALS_MAX,
  OPERATIONS_MAX,
  TAKEN_SIGNALS_MAX,
} from '../../bounds.js';
import { charsOf } from '../../json.js';
import { type TaskSignal } from '../../state/signal.js';
import { type Writable } from '../../writable.js';

type Before = Pick<ActivityState, 'taken' | 'early' | 'earlyLost' | 'operations'>;

/** The signals of a run: the ids of the applied ones, the ones that came before their wait, and the operations of operators. */
export class RunSignals {
  #taken: readonly string[];
  #early: readonly TaskSignal[];
  #lost: number;
  #operations: readonly Operation[];
  #hasChanged = false;

  constructor({ taken = [], early = [], earlyLost = 0, operations = [] }: Before) {
    this.#taken = taken;
    this.#early = early;
    this.#lost = earlyLost;
    this.#operations = operations;
  }

  get hasChanged(): boolean {
    return this.#hasChanged;
  }

  /** In the order they came. */
  get early(): readonly TaskSignal[] {
    return this.#early;
  }

  /** Notes that a signal is applied. @returns false when it was applied before and must not be again */
  take(id: string): boolean {
    if (this.#taken.includes(id)) return false;
    this.#taken = [...this.#taken, id].slice(-TAKEN_SIGNALS_MAX);
    this.#hasChanged = true;
    return true;
  }

  /** Adds an operator's operation to the record. Only the last `OPERATIONS_MAX` are kept. */
  note(operation: Operation): void {
    this.#hasChanged = true;
    this.#operations = [...this.#operations, operation].slice(-OPERATIONS_MAX);
  }

  /** Keeps a signal for a later wait. Beyond the bounds it is dropped and counted as lost. */
  keep(signal: TaskSignal): void {
    this.#hasChanged = true;
    const early = [...this.#early, signal];
    const chars = charsOf(early as unknown as JsonValue, EARLY_SIGNALS_CHARS_MAX);
    if (early.length > EARLY_SIGNALS_MAX || chars > EARLY_SIGNALS_CHARS_MAX) this.#lost += 1;
    else this.#early = early;
  }

  forget(signal: TaskSignal): void {
    this.#hasChanged = true;
    this.#early = this.#early.filter((one) => one !== signal);
  }

  /** Sets members of the state after the step. */
  writeTo(state: Writable<Before>): void {
    if (this.#taken.length > 0) state.taken = this.#taken;
    if (this.#early.length > 0) state.early = this.#early;
    if (this.#lost > 0) state.earlyLost = this.#lost;
    this.writeEndTo(state);
  }

  /** Sets the members that stay in the state of a run that is over. */
  writeEndTo(state: Writable<Pick<ActivityState, 'operations'>>): void {
    if (this.#operations.length > 0) state.operations = this.#operations;
  }
}
