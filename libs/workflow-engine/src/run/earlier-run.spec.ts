import fc from 'fast-check';
import { type ActivityState } from '../state/activity-state.js';
import { type TaskDefinition, type WorkflowDefinition } from '../definition/definition.js';
import { compile } from '../plan/compile.js';
import {
  aDefinition,
  anHttpTask,
  aRun,
  aScope,
  aTask,
  cancelled,
  failed,
  NOW,
  succeeded,
} from '../testing/builders.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { randomDefinition } from '../testing/random-definition.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { simulate } from '../testing/simulate.js';
import { TEST_TASKS } from '../testing/waiting-tasks.js';
import { advance } from './advance.js';
import { begin } from './begin.js';
import { earlierRunOf } from './earlier-run.js';
import { nextWakeAt } from './open-status.js';

const SCOPE = aScope();
const TIME = { kind: 'time' } as const;
const onSuccess = (taskRef: string) => ({ taskRef, executionCondition: 'success' }) as const;

const CHAIN = aDefinition([
  anHttpTask('pay'),
  anHttpTask('ship', [onSuccess('pay')]),
  anHttpTask('tell', [onSuccess('ship')]),
]);

type Inputs = Parameters<typeof advance>[3];

function planOf(definition: WorkflowDefinition) {
  return compile(definition, fakePatterns, TEST_TASKS);
}

/** The end of a run that was told these, one step each. */
function ended(definition: WorkflowDefinition, ...steps: readonly Inputs[number][]): ActivityState {
  const plan = planOf(definition);
  let state = aRun(plan);
  for (const [at, input] of steps.entries())
    ({ state } = advance(plan, state, SCOPE, [input, TIME], NOW + at + 1));
  expect(state.endedAt).toBeDefined();
  return state;
}

/** The first step of the run that goes on from it. */
function goOn(state: ActivityState, then: WorkflowDefinition, now = then) {
  const plan = planOf(now);
  const earlier = earlierRunOf(state, then, now);
  return advance(plan, begin(plan, SCOPE, NOW + 1_000, earlier), SCOPE, [TIME], NOW + 1_000);
}

describe('a run that goes on from one that failed', () => {
  const paid = [succeeded('pay', 1, { receipt: 7 }), failed('ship')] as const;

  it('takes over what succeeded, with its results, and begins with what failed', () => {
    const { state, effects } = goOn(ended(CHAIN, ...paid), CHAIN);

    expect(state.tasks['pay']).toEqual({
      status: 'succeeded',
      attempt: 1,
      startedAt: NOW,
      endedAt: NOW + 1,
      results: { receipt: 7 },
    });
    expect(effects).toMatchObject([{ task: 'ship', attempt: 2, keyAttempt: 2 }]);
  });

  it.each([
    ['a lost connection', failed('ship', 1, { outcomeKnown: false })],
    ['a cancellation in the middle of the call', cancelled()],
  ])('keeps the key of a call that may have happened, after %s', (_, input) => {
    const { state, effects } = goOn(ended(CHAIN, paid[0], input), CHAIN);

    expect(effects).toMatchObject([{ task: 'ship', attempt: 2, keyAttempt: 1 }]);
    expect(state.tasks['ship']).toMatchObject({ keyAt: NOW + 1 });
  });

  it('keeps that key also when it was not reached in the run between', () => {
    const first = ended(CHAIN, paid[0], failed('ship', 1, { outcomeKnown: false }));
    const begun = begin(planOf(CHAIN), SCOPE, NOW, earlierRunOf(first, CHAIN, CHAIN));
    const between = advance(planOf(CHAIN), begun, SCOPE, [cancelled()], NOW).state;
    expect(between.status).toBe('cancelled');

    const { state, effects } = goOn(between, CHAIN);

    expect(state.tasks['pay']).toMatchObject({ status: 'succeeded', results: { receipt: 7 } });
    expect(effects).toMatchObject([{ task: 'ship', attempt: 2, keyAttempt: 1 }]);
  });

  it('never names another call after one that succeeded in a run before, and was not reached in between', () => {
    const first = ended(CHAIN, ...paid);
    const begun = begin(planOf(CHAIN), SCOPE, NOW, earlierRunOf(first, CHAIN, CHAIN));
    const between = advance(planOf(CHAIN), begun, SCOPE, [cancelled()], NOW).state;
    const pay = anHttpTask('pay', ['start']);
    const tasks = CHAIN.tasks.map((task) =>
      task.name === 'pay' ? { ...pay, params: [{ name: 'url', value: 'https://other' }] } : task,
    );

    const { effects } = goOn(between, CHAIN, { ...CHAIN, tasks });

    expect(effects).toMatchObject([{ task: 'pay', attempt: 2, keyAttempt: 2 }]);
  });

  it('has all the attempts of its policy once more', () => {
    const retry = { attemptsMax: 2, backoff: 'fixed', delayMs: 5, delayMsMax: 5 } as const;
    const definition = aDefinition([anHttpTask('call', ['start'], { retry })]);
    const plan = planOf(definition);
    const first = ended({ ...definition }, failed('call', 1, { retryable: false }));
    const { state } = goOn(first, definition);

    const again = advance(plan, state, SCOPE, [failed('call', 2)], NOW + 2_000).state;
    const next = advance(plan, again, SCOPE, [TIME], nextWakeAt(again) ?? 0);

    expect(again.tasks['call']).toMatchObject({ status: 'waiting', on: { until: NOW + 2_005 } });
    expect(next.effects).toMatchObject([{ task: 'call', attempt: 3, keyAttempt: 3 }]);
  });

  it('refuses a late result of the run before', () => {
    const { state } = goOn(ended(CHAIN, ...paid), CHAIN);

    expect(advance(planOf(CHAIN), state, SCOPE, [succeeded('ship', 1)], NOW).state).toBe(state);
  });

  it('gets its locks once more, and does nothing behind them twice', () => {
    const definition = aDefinition([
      aTask('lock', 'acquire-lock', ['start'], { key: 'k' }),
      anHttpTask('pay', [onSuccess('lock')]),
      anHttpTask('ship', [onSuccess('pay')]),
    ]);
    const granted = { id: 'g', at: NOW, kind: 'lock-granted', task: 'lock', lock: 'k' } as const;
    const grant = (attempt: number) =>
      ({ kind: 'signal', signal: { ...granted, attempt, id: `g${attempt}` } }) as const;
    const first = ended(definition, grant(1), succeeded('pay', 1), failed('ship'));

    const begun = goOn(first, definition);
    expect(begun.effects).toEqual([]);
    expect(begun.state.tasks).toMatchObject({
      lock: { status: 'waiting', attempt: 2 },
      pay: { status: 'pending' },
    });
    const { state, effects } = advance(planOf(definition), begun.state, SCOPE, [grant(2)], NOW);

    expect(state.tasks['pay']).toMatchObject({ status: 'succeeded', attempt: 1 });
    expect(effects).toMatchObject([{ task: 'ship', attempt: 2 }]);
  });

  it.each<[string, Partial<TaskDefinition>, readonly string[]]>([
    ['how long it may take', { timeoutMs: 9 }, ['ship']],
    ['what it sends', { params: [{ name: 'url', value: 'https://example.org/other' }] }, ['pay']],
    ['what it needs', { dependencies: [onSuccess('start')] }, ['pay']],
  ])('does a task again when the new revision has changed %s', (_, change, begun) => {
    const now = aDefinition(
      [{ ...anHttpTask('pay'), ...change }, ...CHAIN.tasks.slice(2, 4)],
      ['tell'],
    );

    const { effects } = goOn(ended(CHAIN, ...paid), CHAIN, now);

    expect(effects.map(({ task }) => task)).toEqual(begun);
  });

  it('does again what a failure had led to, and what an operator had skipped', () => {
    const definition = aDefinition(
      [
        anHttpTask('pay'),
        anHttpTask('mend', [{ taskRef: 'pay', executionCondition: 'failure' }]),
        anHttpTask('other'),
      ],
      ['mend', 'other'],
    );
    const said = { id: 's', at: NOW, by: 'ada', reason: 'so' };
    const skip = { ...said, kind: 'force', task: 'other', outcome: 'skipped' } as const;
    const first = ended(
      definition,
      { kind: 'signal', signal: skip },
      failed('pay'),
      succeeded('mend', 1),
    );

    const { state, effects } = goOn(first, definition);

    expect(effects.map(({ task }) => task).sort()).toEqual(['other', 'pay']);
    expect(state.tasks['mend']).toEqual({ status: 'pending' });
  });

  it('does the tasks of finally once more', () => {
    const last = { ...anHttpTask('clean', []), finally: true } as const;
    const { tasks } = CHAIN;
    const definition = { tasks: [...tasks, last] };

    const first = ended(definition, ...paid, succeeded('clean', 1));
    const plan = planOf(definition);
    const failedAgain = advance(
      plan,
      goOn(first, definition).state,
      SCOPE,
      [failed('ship', 2)],
      NOW,
    );

    expect(failedAgain.effects).toMatchObject([{ task: 'clean', attempt: 2 }]);
  });

  it('ends, and makes no call twice, whatever the workflow and whatever went wrong', () => {
    const rough = {
      crash: 0.1,
      drop: 0.1,
      duplicate: 0.2,
      failure: 0.4,
      cancel: 0.02,
      noSlot: 0.1,
    };
    const fair = { ...rough, crash: 0, drop: 0, failure: 0, cancel: 0 };
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = new SeededRandom(seed);
        const definition = randomDefinition(random, 12);
        const plan = planOf(definition);
        const scope = aScope({ choice: 'a' });
        const first = simulate(plan, scope, random, rough);
        const earlier = earlierRunOf(first.final, definition, definition);
        const second = simulate(plan, scope, random, fair, undefined, earlier);

        const open = new Map(Object.entries(earlier.before.keys));
        const used = new Set(first.calls.map(({ task, keyAttempt }) => `${task}:${keyAttempt}`));
        for (const { task, keyAttempt, attempt } of second.calls) {
          expect(earlier.tasks).not.toHaveProperty([task]);
          if (used.has(`${task}:${keyAttempt}`)) expect(open.get(task)?.attempt).toBe(keyAttempt);
          expect(first.calls.some((one) => one.task === task && one.attempt === attempt)).toBe(
            false,
          );
        }
        for (const [name, task] of Object.entries(second.final.tasks)) {
          const was = first.final.tasks[name];
          if (name in earlier.tasks && was?.status === 'succeeded' && task.status === 'succeeded')
            expect(task).toEqual(was);
        }
      }),
      { numRuns: 300 },
    );
  });
});
