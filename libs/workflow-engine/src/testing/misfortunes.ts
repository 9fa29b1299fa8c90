import { type Input } from '../state/activity-state.js';

/** The probability of each fault, from 0 to 1. */
export interface Misfortunes {
  /** An executor dies: before the commit, or after it with its calls unmade. */
  readonly crash: number;
  /** An answer never comes. */
  readonly drop: number;
  /** An answer comes twice; each copy takes its own time, so they overtake others. */
  readonly duplicate: number;
  readonly failure: number;
  readonly cancel: number;
  /** There is no slot for a call: it waits for one, or is to be made later. */
  readonly noSlot: number;
}

/** An input of a run, and the time at which it arrives. */
export interface Delivery {
  readonly at: number;
  readonly input: Input;
}
