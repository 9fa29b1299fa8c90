import process from 'node:process';
import { type Fault } from './faults.js';
import { type Outcome, simulateFault } from './scenario.js';
import {
  simulateAnswers,
  simulateChildren,
  simulateFinally,
  simulateLocks,
  simulateMaps,
  simulateOperators,
  simulateRetries,
  simulateRotations,
  simulateSecrets,
  simulateSeed,
  simulateSignals,
  simulateSlots,
  simulateSlowness,
  simulateWaits,
} from './scenarios.js';

// eslint-disable-next-line no-restricted-syntax -- a test has no config class
const { SIMULATION_SEED: seed, SIMULATION_SEEDS: seeds = '20', CHAOS_SEED } = process.env;
/** So that each day tries others, and all builds of one day the same. */
const OF_THE_DAY = 1 + (Math.floor(Date.now() / 86_400_000) % 1_000) * 20;
/**
 * `SIMULATION_SEEDS=20000` simulates as many, from `SIMULATION_FIRST=1` on; `SIMULATION_SEED=17` repeats one. A
 * failure prints the seed and all that happened up to it, and goes the same way each time.
 */
// eslint-disable-next-line no-restricted-syntax -- a test has no config class
const FIRST = Number(seed ?? process.env['SIMULATION_FIRST'] ?? CHAOS_SEED ?? OF_THE_DAY);
const LAST = seed === undefined ? FIRST + Number(seeds) - 1 : FIRST;
/** Against a simulation that never ends; none takes a tenth of a second. */
const EACH_MS_MAX = 5_000;
const SEEDS_MS_MAX = EACH_MS_MAX * (LAST - FIRST + 1);
/** The cancellations that come so many calls before the one that goes wrong; then there is none. */
const CALLS_BEFORE = [0, 1, 2, 3, 5, Infinity];

function check({ violations, trace }: Outcome, of: string): void {
  if (violations.length > 0) throw new Error(`${of}: ${violations.join('; ')}\n\n${trace}\n`);
}

/** Simulates one in `every` of the seeds: some take longer than others. */
function ofSeeds(simulate: (seed: number) => Promise<Outcome>, every = 1): () => Promise<void> {
  return async () => {
    for (let at = FIRST; at <= LAST; at += every) {
      check(await simulate(at), `SIMULATION_SEED=${at}`);
    }
  };
}

describe('drivers and sweepers of several executors', () => {
  it('keep every promise, whatever happens to them', ofSeeds(simulateSeed), SEEDS_MS_MAX);

  it(
    'take each signal once, whenever it comes and however often',
    ofSeeds(simulateSignals),
    SEEDS_MS_MAX,
  );

  it(
    'let a wait end by the event, the vote or the instant that comes first, and lose no event',
    ofSeeds(simulateWaits, 3),
    SEEDS_MS_MAX,
  );

  // Each is three runs and more.
  it(
    'make each run that a task begins once, and tell the task what became of it',
    ofSeeds(simulateChildren, 3),
    SEEDS_MS_MAX,
  );

  it(
    'make a run of each item of a list, so many at a time, and tell what became of each',
    ofSeeds(simulateMaps, 5),
    SEEDS_MS_MAX,
  );

  it(
    'send a secret in each call that it is for, and have it in no record',
    ofSeeds(simulateSecrets, 5),
    SEEDS_MS_MAX,
  );

  it(
    'go by the parameters and secrets with which a run has begun, however often they change',
    ofSeeds(simulateRotations, 5),
    SEEDS_MS_MAX,
  );

  it(
    'give a lock to one run at a time, to each in the end, and take what workers answer once',
    ofSeeds(simulateLocks, 2),
    SEEDS_MS_MAX,
  );

  it(
    'take each answer of a worker once, whichever executor it comes to',
    ofSeeds(simulateAnswers, 2),
    SEEDS_MS_MAX,
  );

  it(
    'do what an operator asks for once, however often it is asked for',
    ofSeeds(simulateOperators, 2),
    SEEDS_MS_MAX,
  );

  it(
    'try a run that failed again as one other run, with its keys and what succeeded of it',
    ofSeeds(simulateRetries, 2),
    SEEDS_MS_MAX,
  );

  it(
    'run what is to run whatever happened, once in each attempt of a run, when all else is over',
    ofSeeds(simulateFinally, 2),
    SEEDS_MS_MAX,
  );

  // Each is seven runs.
  it(
    'let as many runs be under way as may be, each in the end, and begin again what failed',
    ofSeeds(simulateSlots, 5),
    SEEDS_MS_MAX,
  );

  it('let no lease run out while nothing goes wrong', ofSeeds(simulateSlowness, 2), SEEDS_MS_MAX);

  it('go the same way for the same seed', async () => {
    expect(await simulateSeed(FIRST)).toEqual(await simulateSeed(FIRST));
  });

  it.each<Fault>(['fails', 'unanswered', 'late'])(
    'keep every promise when any one call of the store is the one that %s',
    async (fault) => {
      const { storeCalls } = await simulateFault(1, 0, 'none', 0);
      expect(storeCalls).toBeGreaterThan(20);
      for (let n = 1; n <= storeCalls; n += 1) {
        for (const before of CALLS_BEFORE) {
          const cancelAt = Math.max(0, n - before);
          const outcome = await simulateFault(1, n, fault, cancelAt);
          check(outcome, `call ${n} ${fault}, cancelled before call ${cancelAt}`);
        }
      }
    },
    EACH_MS_MAX * 300,
  );

  it.each<Fault>(['fails', 'unanswered', 'late'])(
    'deliver all that a run has to tell when any one call of the store is the one that %s',
    async (fault) => {
      const { storeCalls } = await simulateFault(1, 0, 'none', 0, true);
      expect(storeCalls).toBeGreaterThan(20);
      for (let n = 1; n <= storeCalls; n += 1) {
        for (const cancelAt of [0, Math.max(0, n - 1)]) {
          const outcome = await simulateFault(1, n, fault, cancelAt, true);
          check(outcome, `call ${n} ${fault}, cancelled before call ${cancelAt}`);
        }
      }
    },
    EACH_MS_MAX * 100,
  );
});
