import fc from 'fast-check';
import {
  type RunRetryPolicy,
  type TaskDefinition,
  type WorkflowDefinition,
} from '../definition/definition.js';
import { type ActivityState } from '../state/activity-state.js';
import { isFinal } from '../state/activity-status.js';
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
import { nextWakeAt } from './open-status.js';
import { isOver } from './task-transitions.js';

const SCOPE = aScope();
const TIME = { kind: 'time' } as const;
const RETRY: RunRetryPolicy = {
  attemptsMax: 3,
  backoff: 'exponential',
  delayMs: 1_000,
  delayMsMax: 60_000,
};
const onSuccess = (taskRef: string) => ({ taskRef, executionCondition: 'success' }) as const;

function chain(retry: Partial<RunRetryPolicy> = {}, rest: Partial<WorkflowDefinition> = {}) {
  const tasks = [anHttpTask('pay'), anHttpTask('ship', [onSuccess('pay')])];
  const policy = { ...RETRY, ...retry } as RunRetryPolicy;
  const definition = aDefinition(tasks, [onSuccess('ship')], { retry: policy });
  return compile({ ...definition, ...rest }, fakePatterns, TEST_TASKS);
}

type Inputs = Parameters<typeof advance>[3];
type Plan = ReturnType<typeof chain>;

function step(plan: Plan, state: ActivityState, now: number, ...inputs: Inputs) {
  return advance(plan, state, SCOPE, [...inputs, TIME], now);
}

/** The run after `pay` succeeded and `ship` failed, in its first attempt. */
function failedOnce(plan: Plan): ActivityState {
  const paid = step(plan, aRun(plan), NOW, succeeded('pay', 1, { receipt: 7 })).state;
  return step(plan, paid, NOW, failed('ship')).state;
}

it('ends with its own failure where another attempt would have no time left', () => {
  for (const [timeoutMs, status] of [
    [1_000, 'failed'],
    [1_001, 'waiting'],
  ] as const) {
    const ended = failedOnce(chain({}, { timeoutMs }));
    expect(ended.status).toBe(status);
    expect(ended.failure?.code).toBe(status === 'failed' ? 'HTTP_STATUS' : undefined);
  }
});

/** Nobody sends an event or a vote to a second attempt. */
function withTimeouts(tasks: readonly TaskDefinition[]): readonly TaskDefinition[] {
  const asking = ['wait-for-event', 'approval', 'manual'];
  return tasks.map((task) => (asking.includes(task.type) ? { timeoutMs: 9_999, ...task } : task));
}

describe('another attempt of a run', () => {
  it('waits, and says why and until when', () => {
    const state = failedOnce(chain());

    expect(state).toMatchObject({ status: 'waiting', again: { attempt: 2 } });
    expect(state).not.toHaveProperty('failure');
    expect(state.waitingFor).toEqual([
      {
        task: '',
        kind: 'retry',
        what: 'attempt 2 of the run, because the one before failed (HTTP_STATUS)',
        since: NOW,
        until: NOW + 1_000,
      },
    ]);
    expect(nextWakeAt(state)).toBe(NOW + 1_000);
    expect(step(chain(), state, NOW + 999).state).toBe(state);
  });

  it('begins with what failed, and has what succeeded', () => {
    const { state, effects } = step(chain(), failedOnce(chain()), NOW + 1_000);

    expect(effects).toMatchObject([{ task: 'ship', attempt: 2, keyAttempt: 2 }]);
    expect(state.tasks['pay']).toMatchObject({ status: 'succeeded', results: { receipt: 7 } });
    expect(step(chain(), state, NOW, succeeded('ship', 2)).state.status).toBe('succeeded');
  });

  it('begins with everything if the workflow says so, with keys of its own', () => {
    const plan = chain({ from: 'start' });
    const { effects } = step(plan, failedOnce(plan), NOW + 1_000);

    expect(effects).toMatchObject([{ task: 'pay', attempt: 2, keyAttempt: 2 }]);
  });

  it('comes later each time, and not after the last one', () => {
    const plan = chain();
    const second = step(plan, failedOnce(plan), NOW + 1_000).state;
    const waiting = step(plan, second, NOW + 1_500, failed('ship', 2)).state;
    expect(nextWakeAt(waiting)).toBe(NOW + 3_500);
    const third = step(plan, waiting, NOW + 3_500).state;

    expect(step(plan, third, NOW + 4_000, failed('ship', 3)).state).toMatchObject({
      status: 'failed',
      failure: { code: 'HTTP_STATUS' },
      again: { attempt: 3 },
    });
  });

  it.each([
    ['a list', { backoff: 'list', delaysMs: [70, 80] }, 70],
    ['one delay', { backoff: 'fixed', delayMs: 90, delayMsMax: 90 }, 90],
  ] as const)('comes by %s', (_, backoff, delayMs) => {
    const plan = chain(backoff);

    expect(nextWakeAt(failedOnce(plan))).toBe(NOW + delayMs);
  });

  it.each([
    ['a code that is named', ['HTTP_STATUS'], 'waiting'],
    ['a code that is not named', ['TASK_TIMEOUT'], 'failed'],
  ])('comes after %s', (_, when, status) => {
    expect(failedOnce(chain({ when })).status).toBe(status);
  });

  it('does not come after what an operator failed, nor after a cancel or too long a time', () => {
    const said = { id: 's', at: NOW, by: 'ada', reason: 'so' };
    const fail = { ...said, kind: 'force', task: 'pay', outcome: 'failed' } as const;
    for (const when of [{}, { when: ['TASK_FORCED', 'CANCELLED', 'WORKFLOW_TIMEOUT'] }]) {
      const plan = chain(when, { timeoutMs: 5_000 });
      const run = aRun(plan);

      expect(step(plan, run, NOW, { kind: 'signal', signal: fail }).state.status).toBe('failed');
      expect(step(plan, run, NOW, cancelled()).state.status).toBe('cancelled');
      expect(step(plan, run, NOW + 5_000).state.status).toBe('timedout');
    }
  });

  it.each([
    ['a cancel', NOW + 1, [cancelled()], 'cancelled'],
    ['the time of the workflow, which is that of all attempts', NOW + 1_500, [], 'timedout'],
  ])('is not waited for any more after %s', (_, now, inputs, status) => {
    const plan = chain({}, { timeoutMs: 1_500 });

    const { state, effects } = step(plan, failedOnce(plan), now, ...inputs);

    expect(state).toMatchObject({ status, endedAt: now, again: { attempt: 2 } });
    expect(effects).toEqual([]);
    expect(Object.values(state.tasks).filter((task) => !isOver(task.status))).toEqual([]);
  });

  it('has the time that is left to all attempts, also after tasks of finally', () => {
    const last = { ...anHttpTask('clean', []), finally: true } as const;
    const { tasks } = aDefinition([anHttpTask('pay')], [onSuccess('pay')]);
    const plan = chain({}, { tasks: [...tasks, last], timeoutMs: 5_000 });
    const cleaning = step(plan, aRun(plan), NOW + 10, failed('pay')).state;
    const waiting = step(plan, cleaning, NOW + 20, succeeded('clean', 1)).state;

    expect(waiting).toMatchObject({ timeoutAt: NOW + 5_000, again: { until: NOW + 1_020 } });
    const { effects } = step(plan, waiting, NOW + 1_020);
    expect(effects).toMatchObject([{ task: 'pay', attempt: 2 }]);
  });

  it('gives back what the attempt before held outside', () => {
    const tasks = [
      aTask('lock', 'acquire-lock', ['start'], { key: 'k' }),
      anHttpTask('ship', [onSuccess('lock')]),
    ];
    const definition = aDefinition(tasks, [onSuccess('ship')], { retry: RETRY });
    const plan = compile(definition, fakePatterns, TEST_TASKS);
    const grant = { id: 'g', at: NOW, kind: 'lock-granted', task: 'lock', lock: 'k' } as const;
    const signal = { kind: 'signal', signal: { ...grant, attempt: 1 } } as const;
    const locked = step(plan, aRun(plan), NOW, signal).state;

    const { state, outbox } = step(plan, locked, NOW, failed('ship'));

    expect(outbox).toMatchObject([{ kind: 'lock-release' }]);
    expect(state.holds ?? []).toEqual([]);
    expect(step(plan, state, NOW + 1_000).state.tasks['lock']).toMatchObject({
      status: 'waiting',
      attempt: 2,
    });
  });

  it('begins also in a run so large that a step looks at some of its tasks alone', () => {
    const names = Array.from({ length: 40 }, (_, at) => `pay-${at}`);
    const tasks = [...names.map((name) => anHttpTask(name)), anHttpTask('ship')];
    const ends = [...names, 'ship'].map(onSuccess);
    const plan = compile(aDefinition(tasks, ends, { retry: RETRY }), fakePatterns, TEST_TASKS);
    let { state } = step(plan, aRun(plan), NOW, failed('ship'));
    for (const name of names) ({ state } = step(plan, state, NOW, succeeded(name)));

    const { state: second, effects } = step(plan, state, NOW + 1_000);

    expect(effects).toMatchObject([{ task: 'ship', attempt: 2 }]);
    expect(step(plan, second, NOW + 1_000, succeeded('ship', 2)).state.status).toBe('succeeded');
  });

  it('ends in the end, whatever the workflow, and makes no attempt of a task twice', () => {
    const rough = { crash: 0, drop: 0.1, duplicate: 0.2, failure: 0.4, cancel: 0.01, noSlot: 0.1 };
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom('failed', 'start'), (seed, from) => {
        const random = new SeededRandom(seed);
        const retry: RunRetryPolicy = { ...RETRY, ...(from === 'start' && { from }) };
        const definition = { tasks: withTimeouts(randomDefinition(random, 10).tasks), retry };
        const plan = compile(definition, fakePatterns, TEST_TASKS);
        const { final, calls, commits } = simulate(plan, aScope({ choice: 'a' }), random, rough);

        expect(isFinal(final.status)).toBe(true);
        expect(final.again?.attempt ?? 1).toBeLessThanOrEqual(3);
        expect(Object.values(final.tasks).every(({ status }) => isOver(status))).toBe(true);
        const made = calls.map((one) => `${one.task}:${one.attempt}:${one.repeats ?? 0}`);
        expect(new Set(made).size).toBe(made.length);
        for (const state of commits.filter(({ status }) => !isFinal(status)))
          expect(state.waitingFor?.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });
});

it('counts on, and keeps the key of a call, after an operator has skipped it', () => {
  const tasks = [anHttpTask('pay'), anHttpTask('ship')];
  const definition = aDefinition(tasks, [onSuccess('ship')], { retry: RETRY });
  const plan = compile(definition, fakePatterns, TEST_TASKS);
  const skip = { id: 'skip', at: NOW, kind: 'force', task: 'pay', outcome: 'skipped' } as const;
  const signal = { ...skip, by: 'ada', reason: 'it hangs' };

  const skipped = step(plan, aRun(plan), NOW, { kind: 'signal', signal }).state;
  const between = step(plan, skipped, NOW, failed('ship', 1, { retryable: false })).state;
  const again = step(plan, between, nextWakeAt(between) ?? NOW).state;

  expect(again.tasks['pay']).toMatchObject({ status: 'running', attempt: 2, keyAttempt: 1 });
});
