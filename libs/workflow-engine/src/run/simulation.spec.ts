import fc from 'fast-check';
import { toJsonText } from '@app/json';
import { type ActivityState, type TaskState } from '../state/activity-state.js';
import { type WorkflowDefinition } from '../definition/definition.js';
import { splitFinally } from '../definition/graph.js';
import { compile } from '../plan/compile.js';
import { succeeded } from '../testing/builders.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { naiveEnds, naiveRuns, type NaiveTold } from '../testing/naive-rules.js';
import { TEST_TASKS } from '../testing/waiting-tasks.js';
import { randomDefinition, withRunRetry } from '../testing/random-definition.js';
import { GIVEN, RANDOM_SCOPE } from '../testing/random-params.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { simulate, type Simulation } from '../testing/simulate.js';
import { advance } from './advance.js';
import { isFinal } from '../state/activity-status.js';
import { isOver } from './task-transitions.js';

const SCOPE = RANDOM_SCOPE;
const MISFORTUNES = {
  crash: 0.15,
  drop: 0.15,
  duplicate: 0.3,
  failure: 0.3,
  cancel: 0.01,
  noSlot: 0.2,
};
const HARMLESS = { crash: 0, drop: 0, duplicate: 0, failure: 0.3, cancel: 0, noSlot: 0 };

interface Case extends Simulation {
  readonly definition: WorkflowDefinition;
}

/** Of the seeds of each property: the same for all of them, and others with each run of this file. */
const [SEED_OF_SEEDS = 0] = fc.sample(fc.integer(), 1);

/** All that each seed of `forEachSeed` comes to: what simulates costs more than what checks. */
const cases = new Map<number, Case>();

function caseOf(seed: number): Case {
  const known = cases.get(seed) ?? simulated(seed);
  cases.set(seed, known);
  return known;
}

function simulated(seed: number, misfortunes = MISFORTUNES, tasksMax = 12): Case {
  const random = new SeededRandom(seed);
  const definition = randomRun(random, tasksMax);
  return {
    definition,
    ...simulate(compile(definition, fakePatterns, TEST_TASKS), SCOPE, random, misfortunes),
  };
}

/** One in five begins again when it failed. */
function randomRun(random: SeededRandom, tasksMax: number): WorkflowDefinition {
  const definition = randomDefinition(random, tasksMax);
  return random.chance(0.2) ? withRunRetry(definition, random) : definition;
}

/** Of a run that begins again: so many attempts of it were made before. */
const attemptOf = ({ again }: ActivityState): number => again?.attempt ?? 1;

/** Nothing of it, or of its next attempt, has begun yet. */
const isUnbegun = ({ status, again }: ActivityState): boolean =>
  status === 'queued' || again?.until !== undefined;

function forEachSeed(check: (simulation: Case, seed: number) => void): void {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      check(caseOf(seed), seed);
    }),
    { seed: SEED_OF_SEEDS, numRuns: 300, examples: [[1_443_331_548]] },
  );
}

const has = (state: TaskState | undefined, ...statuses: readonly string[]): boolean =>
  statuses.includes(state?.status ?? 'pending');

const keeps = (state: TaskState | undefined): boolean => state !== undefined && 'kept' in state;

/** To the whole run, by what was told to it and stored. */
function whatHappened({ startedAt, endedAt = 0 }: ActivityState, steps: Case['steps']): NaiveTold {
  const isCancelled = steps.some(
    ({ inputs, isCommitted }) =>
      isCommitted &&
      inputs.some((input) => input.kind === 'signal' && input.signal.kind === 'cancel'),
  );
  return { isCancelled, tookMs: endedAt - startedAt };
}

describe('a simulated run', () => {
  it('always ends, with every task over', () => {
    forEachSeed(({ final }) => {
      expect(isFinal(final.status)).toBe(true);
      expect(Object.values(final.tasks).filter(({ status }) => !isOver(status))).toEqual([]);
    });
  });

  it('says what it waits for in every state that is not final', () => {
    forEachSeed(({ commits }) => {
      for (const state of commits.filter(({ status }) => !isFinal(status))) {
        expect(state.waitingFor).not.toEqual([]);
        expect(state.waitingFor).toBeDefined();
      }
    });
  });

  it('never changes a task that is over', () => {
    forEachSeed(({ commits }) => {
      for (const [at, state] of commits.entries()) {
        const before = commits[at - 1];
        if (before === undefined || attemptOf(before) !== attemptOf(state)) continue;
        for (const [name, task] of Object.entries(before.tasks)) {
          if (isOver(task.status)) expect(state.tasks[name]).toEqual(task);
        }
      }
    });
  });

  it('repeats a key only for an attempt that may have happened', () => {
    forEachSeed(({ calls }) => {
      const lastOf = new Map<string, number>();
      for (const { task, attempt, keyAttempt } of calls) {
        expect(keyAttempt).toBeLessThanOrEqual(attempt);
        expect(keyAttempt).toBeGreaterThanOrEqual(lastOf.get(task) ?? 1);
        lastOf.set(task, keyAttempt);
      }
    });
  });

  it('begins a task once all that it depends on is over, and none before', () => {
    forEachSeed(({ definition, commits }) => {
      for (const { name, dependencies = [] } of definition.tasks) {
        for (const { tasks } of commits) {
          if (has(tasks[name], 'pending')) continue;
          const open = dependencies.filter(
            ({ taskRef }) => !isOver(tasks[taskRef]?.status ?? 'pending'),
          );
          expect([name, open]).toEqual([name, []]);
        }
      }
    });
  });

  it('comes to the same when it is told everything twice, at once or later', () => {
    forEachSeed(({ definition, steps }) => {
      const plan = compile(definition, fakePatterns, TEST_TASKS);
      for (const { before, inputs, now, after } of steps) {
        const twice = inputs.flatMap((input) => [input, input]);
        expect(advance(plan, before, SCOPE, twice, now).state).toEqual(after);
        const told = inputs.filter(({ kind }) => kind !== 'resume');
        const again = advance(plan, after, SCOPE, told, now);
        expect(again).toEqual({ state: after, effects: [], outbox: [] });
      }
    });
  });

  it('comes to the same from what it remembers as from what is stored', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const stored = simulated(seed, MISFORTUNES, 80);
        const random = new SeededRandom(seed);
        const plan = compile(randomRun(random, 80), fakePatterns, TEST_TASKS);
        const kept = simulate(plan, SCOPE, random, MISFORTUNES, (state) => state);

        expect(kept.commits.length).toBe(stored.commits.length);
        expect(kept.final).toEqual(stored.final);
        expect(kept.calls).toEqual(stored.calls);
      }),
    );
  });

  it('applies each event to the tasks of one step, and never again', () => {
    let taken = 0;
    forEachSeed(({ definition, commits }) => {
      const waits = definition.tasks.filter(({ type }) => type === 'wait-for-event');
      const takenAt = new Map<string, number>();
      for (const [at, state] of commits.entries()) {
        for (const { name } of waits) {
          const was = commits[at - 1]?.tasks[name];
          const task = state.tasks[name];
          // What a later attempt of the run has of an earlier one, it is not told again.
          if (task?.status !== 'succeeded' || has(was, 'succeeded') || keeps(was)) continue;
          const event = toJsonText(task.results['data'] ?? null);
          expect(takenAt.get(event) ?? at).toBe(at);
          takenAt.set(event, at);
          taken += 1;
        }
      }
    });
    expect(taken).toBeGreaterThan(0);
  });

  it('refuses everything that comes after the end', () => {
    forEachSeed(({ definition, final }) => {
      const plan = compile(definition, fakePatterns, TEST_TASKS);
      const late = definition.tasks.flatMap(({ name }) =>
        [1, 2, 3].map((at) => succeeded(name, at)),
      );

      const { state } = advance(plan, final, SCOPE, [...late, { kind: 'resume' }], final.startedAt);

      expect(state).toBe(final);
    });
  });

  it('goes the same way for the same seed', () => {
    forEachSeed(({ commits, calls }, seed) => {
      const again = simulated(seed);

      expect(again.commits).toEqual(commits);
      expect(again.calls).toEqual(calls);
    });
  });

  it('runs and skips exactly what the definition says', () => {
    forEachSeed(({ definition, final }) => {
      if (final.status === 'cancelled' || final.status === 'timedout') return;
      const ran = definition.tasks
        .map(({ name }) => name)
        .filter((name) => !has(final.tasks[name], 'skipped'));

      expect(ran).toEqual([...naiveRuns(definition, final.tasks, GIVEN)]);
    });
  });

  it('runs the tasks of finally, whatever became of the others, and when all those are over', () => {
    forEachSeed(({ definition, final, commits, steps }) => {
      const { main, last } = splitFinally(definition.tasks);
      const hasBegun = !steps.some(
        ({ before, after }) => isUnbegun(before) && isFinal(after.status),
      );
      for (const { name, dependencies = [] } of last) {
        if (dependencies.length === 0 && hasBegun && final.failure?.code !== 'PARAM_INVALID')
          expect([name, final.tasks[name]?.status]).not.toEqual([name, 'skipped']);
      }
      for (const { tasks } of commits) {
        const began = last.some(({ name }) => !has(tasks[name], 'pending'));
        if (began)
          expect(main.filter(({ name }) => !isOver(tasks[name]?.status ?? 'pending'))).toEqual([]);
      }
    });
  });

  it('ends as a naive reading of the rules says', () => {
    forEachSeed(({ definition, final, steps }) => {
      const told = whatHappened(final, steps);
      const { status, failure: { code, task } = {} } = final;
      const allowed = naiveEnds(definition, final.tasks, GIVEN, told);

      expect(allowed).toContainEqual({
        status,
        ...(code !== undefined && { code }),
        ...(task !== undefined && { task }),
      });
    });
  });

  it('makes each attempt once when nothing goes wrong on the way', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { calls, posted } = simulated(seed, HARMLESS);
        const keys = calls.map(({ task, attempt }) => `${task}:${attempt}`);
        // Locks, workers, other runs, and whoever is told of the end. A lock whose grant came too late is released once more.
        const once = posted.filter(({ kind }) => kind !== 'lock-release');
        const asked = once.map(({ kind, payload }) => `${kind}:${toJsonText(payload)}`);

        expect(new Set(keys).size).toBe(keys.length);
        expect(new Set(asked).size).toBe(asked.length);
      }),
    );
  });
});
