import { type Input } from '../state/activity-state.js';

/** How often each misfortune strikes; shares from 0 to 1. */
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

/** Something that a run is told at some time. */
export interface Delivery {
  readonly at: number;
  readonly input: Input;
}
