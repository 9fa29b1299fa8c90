import { type RetryPolicy } from '../../definition/definition.js';
import { type ActivityState } from '../../state/activity-state.js';
import { aPlan, aRun, aScope, anHttpTask, failed, NOW, succeeded } from '../../testing/builders.js';
import { advance } from '../advance.js';
import { nextWakeAt } from '../open-status.js';

const SCOPE = aScope();
const TIME = { kind: 'time' } as const;
const RESUME = { kind: 'resume' } as const;
const PLAN = aPlan([
  anHttpTask('call', ['start'], {
    timeoutMs: 2_000,
    retry: { attemptsMax: 3, backoff: 'exponential', delayMs: 1_000, delayMsMax: 60_000 },
  }),
]);

function step(
  state: ActivityState,
  now: number,
  ...inputs: Parameters<typeof advance>[3]
): ActivityState {
  return advance(PLAN, state, SCOPE, inputs, now).state;
}

/** The run after each attempt so far ended as told; the attempt after the last has begun. */
function afterEach(...ends: readonly ('timeout' | 'failure')[]): ActivityState {
  let state = aRun(PLAN);
  for (const [at, end] of ends.entries()) {
    state =
      end === 'timeout'
        ? step(state, nextWakeAt(state) ?? 0, TIME)
        : step(state, NOW + at, failed('call', at + 1));
    state = step(state, nextWakeAt(state) ?? 0, TIME);
  }
  return state;
}

describe('a retry', () => {
  it('waits, and says why and until when', () => {
    const state = step(aRun(PLAN), NOW + 100, failed('call'));

    expect(state.status).toBe('waiting');
    expect(state.waitingFor).toEqual([
      {
        task: 'call',
        kind: 'retry',
        what: 'attempt 2, because the one before failed (HTTP_STATUS)',
        since: NOW + 100,
        until: NOW + 1_100,
      },
    ]);
    expect(nextWakeAt(state)).toBe(NOW + 1_100);
  });

  it('begins when it is due and not before', () => {
    const waiting = step(aRun(PLAN), NOW, failed('call'));

    const early = advance(PLAN, waiting, SCOPE, [TIME], NOW + 999);
    const due = advance(PLAN, waiting, SCOPE, [TIME], NOW + 1_000);

    expect(early).toEqual({ state: waiting, effects: [], outbox: [] });
    expect(due.effects).toMatchObject([{ attempt: 2, timeoutAt: NOW + 3_000 }]);
  });

  it('waits longer each time', () => {
    const state = step(afterEach('failure'), NOW + 5_000, failed('call', 2));

    expect(nextWakeAt(state)).toBe(NOW + 7_000);
  });

  it('waits at least as long as the callee asks', () => {
    const state = step(aRun(PLAN), NOW, failed('call', 1, { retryAfterMs: 120_000 }));

    expect(nextWakeAt(state)).toBe(NOW + 120_000);
  });

  it('does not come after a failure that no attempt can help', () => {
    const state = step(aRun(PLAN), NOW, failed('call', 1, { retryable: false }));

    expect(state.tasks['call']).toMatchObject({ status: 'failed', attempt: 1 });
  });

  it('does not come after the last attempt', () => {
    const state = step(afterEach('failure', 'failure'), NOW, failed('call', 3));

    expect(state.tasks['call']).toMatchObject({ status: 'failed', attempt: 3 });
  });

  it('can make a run succeed', () => {
    expect(step(afterEach('failure'), NOW, succeeded('call', 2)).status).toBe('succeeded');
  });

  it.each([
    ['of its own after a failure', ['failure'], 2],
    ['of the attempt before after a timeout', ['timeout'], 1],
    ['of the first after two timeouts', ['timeout', 'timeout'], 1],
    ['of the first after a timeout and a failure', ['timeout', 'failure'], 1],
    ['of the second after a failure and a timeout', ['failure', 'timeout'], 2],
  ] as const)('has the key %s', (_what, ends, keyAttempt) => {
    expect(afterEach(...ends).tasks['call']).toMatchObject({
      status: 'running',
      attempt: ends.length + 1,
      keyAttempt,
    });
  });

  it('keeps the key after a failure of a call that was made before, by whoever died then', () => {
    const repeated = advance(PLAN, aRun(PLAN), SCOPE, [RESUME], NOW);

    const failure = failed('call', 1, { repeats: 1 });
    const state = step(repeated.state, NOW, failure);

    expect(repeated.effects).toMatchObject([{ attempt: 1, keyAttempt: 1, repeats: 1 }]);
    expect(state.tasks['call']).toMatchObject({ status: 'waiting', attempt: 2, keyAttempt: 1 });
  });

  it('repeats the key after a lost connection', () => {
    const state = step(aRun(PLAN), NOW, failed('call', 1, { outcomeKnown: false }));

    expect(state.tasks['call']).toMatchObject({ attempt: 2, keyAttempt: 1 });
  });
});

describe('what follows a failure', () => {
  const DELAYS = { backoff: 'fixed', delayMs: 10, delayMsMax: 10 } as const;
  const waiting = { status: 'waiting' };
  const over = { status: 'failed' };

  /** The task after its first attempt failed with that code and status. */
  function after(retry: RetryPolicy, code: string, statusCode?: number): unknown {
    const plan = aPlan([anHttpTask('call', ['start'], { retry })]);
    const outcome = {
      kind: 'failed',
      code,
      message: 'It failed',
      retryable: code !== 'HTTP_URL',
      outcomeKnown: true,
      ...(statusCode !== undefined && { results: { statusCode } }),
    } as const;
    const input = { kind: 'task-result', result: { task: 'call', attempt: 1, outcome } } as const;
    return advance(plan, aRun(plan), SCOPE, [input], NOW).state.tasks['call'];
  }

  it.each([
    ['a code that is named', ['HTTP_TIMEOUT'], 'HTTP_TIMEOUT', undefined, waiting],
    ['a code that is not named', ['HTTP_TIMEOUT'], 'HTTP_STATUS', 503, over],
    ['a status that is named', ['404'], 'HTTP_STATUS', 404, waiting],
    ['a class that is named', ['5xx'], 'HTTP_STATUS', 599, waiting],
    ['a range that is named', ['500-504'], 'HTTP_STATUS', 504, waiting],
    ['a status beside the range', ['500-504'], 'HTTP_STATUS', 505, over],
    ['one of several', ['HTTP_TIMEOUT', '5xx'], 'HTTP_STATUS', 500, waiting],
    ['what no attempt helps, unless it is named', ['5xx'], 'HTTP_URL', undefined, over],
    ['what no attempt helps, when it is named', ['HTTP_URL'], 'HTTP_URL', undefined, waiting],
  ])('is another attempt or not, by `when`: %s', (_, when, code, status, expected) => {
    expect(after({ attemptsMax: 2, ...DELAYS, when }, code, status)).toMatchObject(expected);
  });

  it.each([
    ['the last attempt', 1, 'HTTP_STATUS'],
    ['what no attempt helps', 5, 'HTTP_URL'],
  ])('is a pause for an operator after %s, if the policy says so', (_, attemptsMax, code) => {
    const paused = after({ attemptsMax, ...DELAYS, then: 'pause' }, code);

    expect(paused).toMatchObject({
      ...waiting,
      attempt: 2,
      on: { kind: 'paused', since: NOW, failure: { code } },
    });
    expect(paused).not.toHaveProperty('on.until');
  });

  it.each([
    ['retried', 'running', { attempt: 2, keyAttempt: 2 }],
    ['succeeded', 'succeeded', { forced: { by: 'ada', reason: 'so' } }],
    ['failed', 'failed', { forced: { by: 'ada', reason: 'so' } }],
    ['skipped', 'skipped', { forced: { by: 'ada', reason: 'so' } }],
  ] as const)('goes on when an operator has it %s', (outcome, status, rest) => {
    const retry: RetryPolicy = { attemptsMax: 1, ...DELAYS, then: 'pause' };
    const plan = aPlan([anHttpTask('call', ['start'], { retry })]);
    const paused = advance(plan, aRun(plan), SCOPE, [failed('call')], NOW).state;
    expect(paused.waitingFor).toMatchObject([{ task: 'call', kind: 'paused', since: NOW }]);
    expect(nextWakeAt(paused)).toBeUndefined();
    const said = { id: 's', at: NOW, task: 'call', by: 'ada', reason: 'so' };

    const force = { kind: 'signal', signal: { ...said, kind: 'force', outcome } } as const;
    const { state } = advance(plan, paused, SCOPE, [force, TIME], NOW + 5);

    expect(state.tasks['call']).toMatchObject({ status, ...rest });
  });
});

describe("a task's timeout", () => {
  it('fails the attempt and not the run', () => {
    const state = step(aRun(PLAN), NOW + 2_000, TIME);

    expect(state.tasks['call']).toMatchObject({
      status: 'waiting',
      attempt: 2,
      on: { kind: 'retry', failure: { code: 'TASK_TIMEOUT' } },
    });
  });

  it('of the last attempt leaves the task timed out, which failure edges take for a failure', () => {
    const handled = aPlan(
      [
        anHttpTask('call', ['start'], { timeoutMs: 1 }),
        anHttpTask('handler', [{ taskRef: 'call', executionCondition: 'failure' }]),
      ],
      ['handler'],
    );

    const { state } = advance(handled, aRun(handled), SCOPE, [TIME], NOW + 1);

    expect(state.tasks['call']).toMatchObject({
      status: 'timedout',
      failure: { code: 'TASK_TIMEOUT' },
    });
    expect(state.tasks['handler']?.status).toBe('running');
  });

  it('of an http task without one is the default', () => {
    expect(nextWakeAt(aRun(aPlan([anHttpTask('call')])))).toBe(NOW + 30_000);
  });
});
