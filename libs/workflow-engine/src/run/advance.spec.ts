import { parseJson, toJsonText } from '@app/json';
import { RESULTS_CHARS_MAX } from '../bounds.js';
import {
  aPlan,
  aRun,
  aScope,
  aTask,
  anHttpTask,
  failed,
  NOW,
  succeeded,
} from '../testing/builders.js';
import { advance } from './advance.js';
import { begin } from './begin.js';

const SCOPE = aScope();
const RETRY = { attemptsMax: 3, backoff: 'fixed', delayMs: 1_000, delayMsMax: 1_000 } as const;
const TIME = { kind: 'time' } as const;
const RESUME = { kind: 'resume' } as const;

describe(begin.name, () => {
  it.each([
    ['fails at once without a required parameter', { required: true }, {}, 'failed'],
    ['is content with a default', { required: true, default: 1 }, {}, 'running'],
    ['is content with a value of null', { required: true }, { city: null }, 'running'],
    ['needs nothing that is not required', {}, {}, 'running'],
  ])('%s', (_what, spec, params, status) => {
    const plan = aPlan([], undefined, { params: [{ name: 'city', ...spec }] });

    const state = begin(plan, aScope(params), NOW);

    expect(state.status).toBe(status);
    expect(state.failure?.code).toBe(status === 'failed' ? 'PARAM_MISSING' : undefined);
  });

  it('leaves nothing to do in a run that failed at once', () => {
    const plan = aPlan([], undefined, { params: [{ name: 'city', required: true }] });
    const state = begin(plan, SCOPE, NOW);

    expect(advance(plan, state, SCOPE, [TIME, RESUME], NOW)).toEqual({
      state,
      effects: [],
      outbox: [],
    });
  });
});

describe(advance.name, () => {
  it('runs pure tasks to the end in one call', () => {
    const plan = aPlan([
      aTask('one', 'set-property', ['start'], { output: 'a', value: { deep: [1] } }),
      aTask('two', 'set-property', ['one'], {
        output: 'b',
        value: '$(context.params.workflowrun-ref)',
      }),
    ]);

    const { state, effects } = advance(plan, begin(plan, SCOPE, NOW), SCOPE, [], NOW + 5);

    expect(state).toMatchObject({
      status: 'succeeded',
      startedAt: NOW,
      endedAt: NOW + 5,
      results: { a: { deep: [1] }, b: 'activity-1' },
    });
    expect(effects).toEqual([]);
  });

  it('takes a chain as long as a workflow may be', () => {
    const tasks = Array.from({ length: 498 }, (_, at) =>
      aTask(`t${at}`, 'set-property', [at === 0 ? 'start' : `t${at - 1}`], {
        output: 'x',
        value: at,
      }),
    );

    expect(aRun(aPlan(tasks)).results).toEqual({ x: 497 });
  });

  it('hands out a call with resolved parameters and waits for its answer', () => {
    const plan = aPlan([anHttpTask('call', ['start'], { timeoutMs: 500 })]);

    const { state, effects } = advance(plan, begin(plan, SCOPE, NOW), SCOPE, [], NOW);

    expect(effects).toEqual([
      {
        kind: 'call',
        task: 'call',
        type: 'http',
        attempt: 1,
        keyAttempt: 1,
        params: { url: 'https://example.org/call', method: 'GET', headers: [] },
        timeoutAt: NOW + 500,
      },
    ]);
    expect(state.status).toBe('running');
    expect(state.waitingFor).toEqual([
      {
        task: 'call',
        kind: 'call',
        what: 'the answer to the HTTP call of attempt 1',
        since: NOW,
        until: NOW + 500,
      },
    ]);
  });

  it('gives the results of one task to the next', () => {
    const plan = aPlan([
      anHttpTask('call'),
      aTask('next', 'set-property', ['call'], {
        output: 'city',
        value: '$(tasks.call.results.body.city)',
      }),
    ]);

    const { state } = advance(
      plan,
      aRun(plan),
      SCOPE,
      [succeeded('call', 1, { body: { city: 'Rome' } })],
      NOW,
    );

    expect(state.results).toEqual({ city: 'Rome' });
  });

  it('returns the same state when nothing changed', () => {
    const plan = aPlan([anHttpTask('call')]);
    const state = aRun(plan);

    expect(advance(plan, state, SCOPE, [TIME], NOW).state).toBe(state);
  });

  it('leaves the state it was given as it was', () => {
    const plan = aPlan([anHttpTask('call')]);
    const state = aRun(plan);
    const before = parseJson(toJsonText(state));

    advance(plan, state, SCOPE, [succeeded('call')], NOW);

    expect(state).toEqual(before);
  });
});

describe('a result', () => {
  const plan = aPlan(
    [anHttpTask('call', ['start'], { retry: RETRY }), anHttpTask('other')],
    ['call', 'other'],
  );
  const second = advance(plan, aRun(plan), SCOPE, [failed('call')], NOW).state;
  const running = advance(plan, second, SCOPE, [TIME], NOW + 1_000).state;
  const resumed = advance(plan, running, SCOPE, [RESUME], NOW).state;
  const ended = advance(
    plan,
    running,
    SCOPE,
    [succeeded('call', 2), succeeded('other')],
    NOW,
  ).state;

  it.each([
    ['of an earlier attempt', running, succeeded('call', 1)],
    ['of a later attempt', running, succeeded('call', 3)],
    ['of an attempt that waits for its retry', second, succeeded('call', 1)],
    ['of a call that was handed out again since', resumed, succeeded('call', 2)],
    ['of an unknown task', running, succeeded('nobody')],
    ['of a name from the prototype', running, succeeded('toString')],
    ['of a task that calls nobody', running, succeeded('start')],
    ['after the end', ended, succeeded('call', 2)],
  ])('%s changes nothing', (_when, state, input) => {
    expect(advance(plan, state, SCOPE, [input], NOW).state).toBe(state);
  });

  it('that comes twice counts once', () => {
    const once = advance(plan, running, SCOPE, [succeeded('call', 2, { body: 1 })], NOW).state;
    const again = advance(plan, once, SCOPE, [succeeded('call', 2, { body: 2 })], NOW + 1);

    expect(again.state).toBe(once);
    expect(once.tasks['call']).toMatchObject({ results: { body: 1 } });
  });

  it('before the timer of its attempt wins, though both are due', () => {
    const { state } = advance(plan, running, SCOPE, [TIME, succeeded('call', 2)], NOW + 999_999);

    expect(state.tasks['call']?.status).toBe('succeeded');
  });

  it('too large for the run fails its task for good', () => {
    const body = 'x'.repeat(RESULTS_CHARS_MAX);

    const { state } = advance(plan, running, SCOPE, [succeeded('call', 2, { body })], NOW);

    expect(state.tasks['call']).toMatchObject({
      status: 'failed',
      failure: { code: 'RESULTS_TOO_LARGE' },
    });
  });

  it('counts together with those before it', () => {
    const body = 'x'.repeat(RESULTS_CHARS_MAX / 2);

    const one = advance(plan, running, SCOPE, [succeeded('call', 2, { body })], NOW).state;
    const two = advance(plan, one, SCOPE, [succeeded('other', 1, { body })], NOW).state;

    expect(one.tasks['call']?.status).toBe('succeeded');
    expect(two.tasks['other']).toMatchObject({ failure: { code: 'RESULTS_TOO_LARGE' } });
  });

  it('with a very long message is stored with the message cut', () => {
    const input = failed('other', 1, { retryable: false });
    if (input.kind !== 'task-result' || input.result.outcome.kind !== 'failed') throw new Error();
    const outcome = { ...input.result.outcome, message: 'x'.repeat(100_000) };

    const { state } = advance(
      plan,
      running,
      SCOPE,
      [{ kind: 'task-result', result: { ...input.result, outcome } }],
      NOW,
    );

    expect(JSON.stringify(state.tasks['other']).length).toBeLessThan(2_000);
  });
});
