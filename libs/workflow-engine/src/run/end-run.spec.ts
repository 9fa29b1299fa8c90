import fc from 'fast-check';
import { type ActivityState, type Advance } from '../state/activity-state.js';
import { compile } from '../plan/compile.js';
import { anHttpTask, aPlan, aRun, NOW } from '../testing/builders.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { TEST_TASKS } from '../testing/waiting-tasks.js';
import { randomDefinition } from '../testing/random-definition.js';
import { RANDOM_SCOPE } from '../testing/random-params.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { simulate } from '../testing/simulate.js';
import { begin } from './begin.js';
import { breakRun, brokeOffFailure, dropResults, hasLostResults } from './end-run.js';
import { workflowFailure } from '../state/failure.js';
import { isFinal } from '../state/activity-status.js';
import { isOver, TASK_TRANSITIONS } from './task-transitions.js';

const SCOPE = RANDOM_SCOPE;
const MISFORTUNES = {
  crash: 0.15,
  drop: 0.15,
  duplicate: 0.3,
  failure: 0.3,
  cancel: 0.01,
  noSlot: 0.2,
};
const DEFECT = workflowFailure('ENGINE_DEFECT', 'The engine broke');
const CANCEL = { id: 'signal-1', kind: 'cancel', reason: 'enough', at: NOW } as const;
const TWO = aPlan([anHttpTask('first'), anHttpTask('second', ['first'])]);

function stepTo(state: ActivityState): Advance {
  return { state, effects: [], outbox: [] };
}

/** Every way to end a run from outside the engine. */
const ENDS: readonly [string, (state: ActivityState) => ActivityState][] = [
  ['breaks', (state) => breakRun(state, DEFECT, [], NOW).state],
  ['breaks while a cancellation waits', (state) => breakRun(state, DEFECT, [CANCEL], NOW).state],
  ['breaks off', (state) => breakRun(state, brokeOffFailure(state, 4), [], NOW).state],
  ['is too large', (state) => dropResults(stepTo(state), 'too large', NOW).state],
];

describe('a run that', () => {
  it.each(ENDS)('%s ends with every task over, in a way the table has', (_how, end) => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = new SeededRandom(seed);
        const plan = compile(randomDefinition(random, 12), fakePatterns, TEST_TASKS);
        const { commits } = simulate(plan, SCOPE, random, MISFORTUNES);
        for (const state of [begin(plan, SCOPE, NOW), ...commits]) {
          const ended = end(state);
          expect(isFinal(ended.status) && ended.endedAt !== undefined).toBe(true);
          expect(ended).not.toHaveProperty('waitingFor');
          expect(Object.keys(ended.tasks)).toEqual(Object.keys(state.tasks));
          const illegal = Object.entries(ended.tasks).filter(([name, { status }]) => {
            const before = state.tasks[name]?.status ?? 'pending';
            const isLegal = status === before || TASK_TRANSITIONS[before].includes(status);
            return !isOver(status) || !isLegal;
          });
          expect(illegal).toEqual([]);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe(breakRun.name, () => {
  it('fails what had begun with the reason, and skips the rest', () => {
    const { state: ended } = breakRun(aRun(TWO), DEFECT, [], NOW + 5);

    expect(ended).toMatchObject({ status: 'failed', endedAt: NOW + 5, failure: DEFECT });
    expect(ended.tasks).toMatchObject({
      first: { status: 'failed', attempt: 1, failure: DEFECT },
      second: { status: 'skipped' },
    });
  });

  it('ends what had not begun at once', () => {
    const tasks = {};

    expect(breakRun(undefined, DEFECT, [], NOW).state).toEqual({
      ...{ status: 'failed', startedAt: NOW, endedAt: NOW, tasks, results: {}, failure: DEFECT },
    });
  });

  it('leaves the last word to a cancellation that was taken', () => {
    const { state: ended } = breakRun(aRun(TWO), DEFECT, [CANCEL], NOW);

    expect(ended).toMatchObject({ status: 'cancelled', failure: { code: 'CANCELLED' } });
    expect(ended.tasks).toMatchObject({ first: { status: 'cancelled' } });
  });
});

describe(dropResults.name, () => {
  it('fails a run with what can be seen without its results', () => {
    const state = { ...aRun(TWO), results: { large: 'x' } };

    const { state: ended } = dropResults(stepTo(state), 'too large', NOW);

    expect(ended).toMatchObject({ status: 'failed', results: {} });
    expect(ended.failure).toMatchObject({ code: 'ACTIVITY_TOO_LARGE', message: 'too large' });
  });

  it('says that results are gone also of a run that was cancelled, from which none can go on', () => {
    const ended = { attempt: 1, startedAt: NOW, endedAt: NOW };
    const first = { status: 'succeeded', ...ended, results: { large: 'x' } } as const;
    const { state } = breakRun({ ...aRun(TWO), tasks: { first } }, DEFECT, [CANCEL], NOW);
    expect(hasLostResults(state)).toBe(false);

    const { state: cut } = dropResults(stepTo(state), 'too large', NOW);

    expect(cut.status).toBe('cancelled');
    expect(hasLostResults(cut)).toBe(true);
  });

  it('leaves a cancelled run cancelled', () => {
    const { state } = breakRun(aRun(TWO), DEFECT, [CANCEL], NOW);
    const large = { ...state, results: { large: 'x' } };

    expect(dropResults(stepTo(large), 'too large', NOW).state).toEqual(state);
  });
});
