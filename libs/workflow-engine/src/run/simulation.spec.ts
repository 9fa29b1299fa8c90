import fc from 'fast-check';
import { type ActivityState, type TaskState } from '../state/activity-state.js';
import { type TaskDefinition, type WorkflowDefinition } from '../definition/definition.js';
import { conditionLines } from '../definition/pattern.js';
import { compile } from '../plan/compile.js';
import {
  aScope,
  fakePatterns,
  TEST_TASKS,
  randomDefinition,
  SeededRandom,
  simulate,
  succeeded,
  type Simulation,
} from '../testing/index.js';
import { advance } from './advance.js';
import { isFinal } from '../state/activity-status.js';
import { isOver } from './task-transitions.js';

const SCOPE = aScope({ choice: 'a' });
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

function simulated(seed: number, misfortunes = MISFORTUNES): Case {
  const random = new SeededRandom(seed);
  const definition = randomDefinition(random, 12);
  return {
    definition,
    ...simulate(compile(definition, fakePatterns, TEST_TASKS), SCOPE, random, misfortunes),
  };
}

function forEachSeed(check: (simulation: Case, seed: number) => void): void {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      check(simulated(seed), seed);
    }),
    { numRuns: 300 },
  );
}

const has = (state: TaskState | undefined, ...statuses: readonly string[]): boolean =>
  statuses.includes(state?.status ?? 'pending');

/** What is to become of a task by the README, computed from the definition alone. */
function livingEdges(
  definition: WorkflowDefinition,
  state: ActivityState,
  task: TaskDefinition,
): boolean[] {
  const byName = new Map(definition.tasks.map((one) => [one.name, one]));
  return (task.dependencies ?? []).map((dependency) => {
    const from = state.tasks[dependency.taskRef];
    if (byName.get(dependency.taskRef)?.type !== 'decision') {
      const condition = dependency.executionCondition ?? 'always';
      if (condition === 'always') return true;
      if (condition === 'timeout') return has(from, 'timedout');
      return condition === 'success' ? has(from, 'succeeded') : has(from, 'failed', 'timedout');
    }
    if (from?.status !== 'succeeded') return false;
    const matches = (condition: string | undefined): boolean =>
      conditionLines(condition).some((line) => line === from.decision || line === '.*');
    const siblings = definition.tasks.flatMap((one) =>
      (one.dependencies ?? []).filter(({ taskRef }) => taskRef === dependency.taskRef),
    );
    const anyMatches = siblings.some(({ decisionCondition }) => matches(decisionCondition));
    return conditionLines(dependency.decisionCondition).length === 0
      ? !anyMatches
      : matches(dependency.decisionCondition);
  });
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
        for (const [name, task] of Object.entries(commits[at - 1]?.tasks ?? {})) {
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

  it('applies each event to the tasks of one step, and never again', () => {
    forEachSeed(({ commits }) => {
      const takenAt = new Map<string, number>();
      for (const [at, state] of commits.entries()) {
        for (const [name, task] of Object.entries(state.tasks)) {
          const was = commits[at - 1]?.tasks[name];
          if (task.status !== 'succeeded' || was?.status === 'succeeded') continue;
          const { payload } = task.results;
          if (typeof payload !== 'string') continue;
          expect(takenAt.get(payload) ?? at).toBe(at);
          takenAt.set(payload, at);
        }
      }
    });
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
      for (const task of definition.tasks.filter(({ type }) => type !== 'start')) {
        const living = livingEdges(definition, final, task);
        const proven = (task.dependencies ?? []).some(
          ({ taskRef }, at) => living[at] === true && !has(final.tasks[taskRef], 'skipped'),
        );
        const runs = proven && (task.type === 'end' || living.every(Boolean));

        expect([task.name, has(final.tasks[task.name], 'skipped')]).toEqual([task.name, !runs]);
      }
    });
  });

  it('succeeds exactly when end is reached and every failure led to a task that ran', () => {
    forEachSeed(({ definition, final }) => {
      if (final.status === 'cancelled' || final.status === 'timedout') return;
      const handled = new Set<string>();
      for (const task of definition.tasks.filter(
        ({ name }) => !has(final.tasks[name], 'skipped'),
      )) {
        for (const [at, { taskRef }] of (task.dependencies ?? []).entries()) {
          if (livingEdges(definition, final, task)[at] === true) handled.add(taskRef);
        }
      }
      const unhandled = Object.entries(final.tasks).filter(
        ([name, task]) => has(task, 'failed', 'timedout') && !handled.has(name),
      );
      const succeeds = unhandled.length === 0 && has(final.tasks['end'], 'succeeded');

      expect(final.status).toBe(succeeds ? 'succeeded' : 'failed');
    });
  });

  it('makes each attempt once when nothing goes wrong on the way', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const keys = simulated(seed, HARMLESS).calls.map(
          ({ task, attempt }) => `${task}:${attempt}`,
        );

        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });
});
