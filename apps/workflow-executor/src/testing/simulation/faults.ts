import { type SeededRandom } from '@app/workflow-engine/testing';

/**
 * What becomes of one call of the store. `fails`: it does not get there. `overloaded`: nor that, and
 * it is said so. `unanswered`: it is done, and the caller hears nothing. `late`: the caller gives up
 * before it is done. `slow`: it takes its time.
 */
export type Fault = 'none' | 'fails' | 'overloaded' | 'unanswered' | 'late' | 'slow';

/**
 * How a world is to those in it. `rough`: whatever can go wrong does. `slow`: nothing is lost, broken or killed, and
 * everything may take its time. `calm`: nothing does.
 */
export type FaultMode = 'rough' | 'slow' | 'calm';

export interface Faults {
  /** @param call counted from 1 over all processes */
  at(call: number): Fault;
  /** Up to this, in milliseconds. */
  delayMs(max: number): number;
}

/** Everything goes well but one call, the `n`th of all. */
export function faultAt(n: number, fault: Fault): Faults {
  return { at: (call) => (call === n ? fault : 'none'), delayMs: (max) => Math.ceil(max / 2) };
}

/** Of a store that is slow, and not so slow that a few of its calls take as long as a lease. */
const SLOW_MS_MAX = 300;

/** No call is lost, and many take their time. */
export function onlySlow(random: SeededRandom): Faults {
  return {
    at: () => (random.chance(0.3) ? 'slow' : 'none'),
    delayMs: (max) => random.below(Math.min(max, SLOW_MS_MAX) + 1),
  };
}

/** Faults come in spells: while one lasts, a good part of the calls goes wrong. */
export function randomFaults(random: SeededRandom, isOver: () => boolean): Faults {
  let share = 0;
  let left = 0;
  return {
    at: () => {
      if (left === 0) {
        share = random.pick(0, 0, 0.05, 0.3, 0.9);
        left = 1 + random.below(40);
      }
      left -= 1;
      if (isOver() || !random.chance(share)) return 'none';
      return random.pick('fails', 'unanswered', 'unanswered', 'late', 'overloaded', 'slow');
    },
    delayMs: (max) => random.below(max + 1),
  };
}
