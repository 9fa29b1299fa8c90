import {
  CHILD_LOOK_MS_MAX,
  CHILD_LOOK_MS_MIN,
  CHILD_PARAMS_CHARS_MAX,
  TAKEN_SIGNALS_MAX,
} from '../bounds.js';
import { type ActivityState, type Input } from '../state/activity-state.js';
import { type ChildEndedSignal } from '../state/signal.js';
import { validateDefinition } from '../validation/validate-definition.js';
import {
  aDefinition,
  anHttpTask,
  aPlan,
  aRun,
  aScope,
  aTask,
  cancelled,
  NOW,
} from '../testing/builders.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { TEST_TASKS } from '../testing/waiting-tasks.js';
import { advance } from '../run/advance.js';

const SCOPE = aScope({ order: 7, secretOfParent: 'x' });
const call = aTask('call', 'run-workflow', ['start'], {
  workflow: 'other',
  params: { order: '$(params.order)' },
});
const PLAN = aPlan([call]);
const CANCEL = { kind: 'child-cancel', key: 'child:call', payload: { task: 'call', attempt: 1 } };

function ended(rest: Partial<ChildEndedSignal> = {}): Input {
  const id = `ended-${rest.attempt ?? 1}`;
  return {
    kind: 'signal',
    signal: {
      ...{ id, at: NOW, kind: 'child-ended', task: 'call', attempt: 1, child: 'c1' },
      ...{ status: 'succeeded', results: { sum: 12 }, ...rest },
    },
  };
}

/** Its results were too large to be told. */
function withoutResults(rest: Partial<ChildEndedSignal> = {}): Input {
  const input = ended(rest);
  if (input.kind !== 'signal' || input.signal.kind !== 'child-ended') throw new Error();
  const { results: _, ...signal } = input.signal;
  return { kind: 'signal', signal };
}

/** One character, and six as JSON. */
const ESCAPED = '\u0001';

const started: Input = {
  kind: 'signal',
  signal: { id: 's', at: NOW, kind: 'child-started', task: 'call', attempt: 1, child: 'c1' },
};

function refused(code = 'WORKFLOW_INACTIVE'): Input {
  const of = { task: 'call', attempt: 1, code, message: 'switch it on' };
  return { kind: 'signal', signal: { id: 'r', at: NOW, kind: 'child-refused', ...of } };
}

function step(
  plan: ReturnType<typeof aPlan>,
  inputs: readonly Input[],
  now = NOW + 1,
): { state: ActivityState; told: readonly unknown[] } {
  const { state, outbox } = advance(plan, aRun(plan, SCOPE), SCOPE, inputs, now);
  return { state, told: outbox.map(({ kind, key, payload }) => ({ kind, key, payload })) };
}

function withParams(params: Parameters<typeof aTask>[3]): ReturnType<typeof aPlan> {
  return aPlan([aTask('call', 'run-workflow', ['start'], { workflow: 'other', ...params })]);
}

describe('a run of another workflow', () => {
  it('is asked for once, with the parameters of the task and nothing else, and waited for', () => {
    const begun = advance(PLAN, aRun(PLAN, SCOPE), SCOPE, [{ kind: 'time' }], NOW + 1);
    const first = step(PLAN, []);

    expect(aRun(PLAN, SCOPE)).toMatchObject({
      outboxCount: 1,
      waitingFor: [
        { task: 'call', kind: 'children', what: 'the end of 1 run(s) of "other" that it began' },
      ],
    });
    expect([...begun.outbox, ...first.told]).toEqual([]);
  });

  it('has nothing of the run that began it but what the task gives', () => {
    const { outbox } = advance(PLAN, { ...aRun(PLAN, SCOPE), tasks: {} }, SCOPE, [], NOW);

    expect(outbox).toMatchObject([
      {
        kind: 'child-request',
        key: 'child:call',
        payload: { task: 'call', attempt: 1, workflow: 'other', params: { order: 7 }, waits: true },
      },
    ]);
    expect(JSON.stringify(outbox)).not.toContain('secretOfParent');
  });

  it('gives the task its id, status and results', () => {
    const { state, told } = step(PLAN, [ended()]);

    expect(state).toMatchObject({ status: 'succeeded' });
    expect(state.tasks['call']).toMatchObject({
      results: { activity: 'c1', status: 'succeeded', results: { sum: 12 } },
    });
    expect([told, state.holds]).toEqual([[], undefined]);
  });

  it('that did not succeed fails the task, which an edge may handle', () => {
    const failure = { level: 'task', code: 'HTTP_STATUS', message: 'was 503', task: 'a' } as const;
    const plan = aPlan(
      [call, anHttpTask('mend', [{ taskRef: 'call', executionCondition: 'failure' }])],
      ['mend'],
    );

    const { state, told } = step(plan, [ended({ status: 'failed', failure })]);

    expect(state.tasks['call']).toMatchObject({
      status: 'failed',
      failure: { code: 'CHILD_FAILED' },
      results: { activity: 'c1', status: 'failed', failure: { code: 'HTTP_STATUS' } },
    });
    expect(state.tasks['mend']).toMatchObject({ status: 'running' });
    expect(told).toEqual([]);
  });

  it.each([
    ['failed', 'waiting'],
    ['timedout', 'waiting'],
    ['cancelled', 'failed'],
  ] as const)('that %s leaves the task %s when it has attempts left', (status, then) => {
    const retry = { attemptsMax: 2, backoff: 'fixed', delayMs: 10, delayMsMax: 10 } as const;

    const { state } = step(aPlan([{ ...call, retry }]), [ended({ status })]);

    expect(state.tasks['call']).toMatchObject({ status: then });
  });

  it('is another one for another attempt, and the first cannot end that', () => {
    const retry = { attemptsMax: 2, backoff: 'fixed', delayMs: 10, delayMsMax: 10 } as const;
    const plan = aPlan([{ ...call, retry }]);
    const { state } = step(plan, [ended({ status: 'failed' })]);

    // What the first had done is unknown, as that of a call which got no answer.
    expect(state.tasks['call']).toMatchObject({ keyAttempt: 1 });
    const again = advance(plan, state, SCOPE, [{ kind: 'time' }], NOW + 100);
    const late = advance(plan, again.state, SCOPE, [ended({ id: 'late' })], NOW + 101);

    expect(again.outbox).toMatchObject([{ kind: 'child-request', payload: { attempt: 2 } }]);
    expect(late.state.tasks['call']).toMatchObject({ status: 'waiting', attempt: 2 });
  });

  it('does not push out what others have sent, however many runs there are', () => {
    const wait = { topic: 'paid' };
    const plan = aPlan([
      call,
      aTask('wait', 'wait-for-event', ['start'], wait),
      aTask('again', 'wait-for-event', ['wait'], wait),
    ]);
    const sent = { id: 'e', at: NOW, kind: 'event', topic: 'paid' } as const;
    const paid: Input = { kind: 'signal', signal: sent };
    const many = Array.from({ length: TAKEN_SIGNALS_MAX }, (_, at) => [
      ended({ id: `ended-${at}`, attempt: at + 2 }),
      ended({ id: `of-start-${at}`, task: 'start' }),
    ]).flat();

    const { state } = step(plan, [paid, ...many, started, refused(), paid]);

    expect(state).toMatchObject({ taken: ['e'], tasks: { again: { status: 'waiting' } } });
    expect(state).not.toHaveProperty('early');
  });

  it('that cannot be made fails the task with the reason, and is not asked for again', () => {
    const { state, told } = step(PLAN, [refused()]);

    expect(state.tasks['call']).toMatchObject({
      status: 'failed',
      failure: { code: 'WORKFLOW_INACTIVE', message: 'switch it on' },
    });
    expect(told).toEqual([]);
  });

  it('with more results than the task can take fails it, and says where they are', () => {
    const { state } = step(PLAN, [withoutResults()]);

    expect(state.tasks['call']).toMatchObject({
      failure: { code: 'RESULTS_TOO_LARGE' },
      results: { activity: 'c1', status: 'succeeded' },
    });
  });

  it('that failed with more results than the task can take says why it failed', () => {
    const failure = { level: 'task', code: 'HTTP_STATUS', message: 'was 503', task: 'a' } as const;
    const retry = { attemptsMax: 2, backoff: 'fixed', delayMs: 10, delayMsMax: 10 } as const;
    const inputs = [withoutResults({ status: 'failed', failure })];

    const { state } = step(PLAN, inputs);
    expect(state.tasks['call']).toMatchObject({
      failure: { code: 'CHILD_FAILED' },
      results: { activity: 'c1', status: 'failed', failure: { code: 'HTTP_STATUS' } },
    });
    const again = step(aPlan([{ ...call, retry }]), inputs);
    expect(again.state.tasks['call']).toMatchObject({ status: 'waiting' });
  });

  it.each([
    ['the run is cancelled', [cancelled()], NOW + 1],
    ['the task takes too long', [{ kind: 'time' }] as const, NOW + 1_000],
  ] as const)('is cancelled when %s', (_when, inputs, now) => {
    const plan = aPlan([{ ...call, timeoutMs: 1_000 }]);

    expect(step(plan, inputs, now).told).toEqual([CANCEL]);
  });

  it('is left when the task says so', () => {
    expect(step(withParams({ onCancel: 'leave' }), [cancelled()]).told).toEqual([]);
  });

  it.each([false, 'false'])('is not waited for with wait: %j', (wait) => {
    const plan = withParams({ wait });
    const before = step(plan, [cancelled()]);

    const { state, told } = step(plan, [started]);

    expect(state.tasks['call']).toMatchObject({ status: 'succeeded', results: { activity: 'c1' } });
    expect([told, state.holds]).toEqual([[], undefined]);
    expect(before.told).toEqual([CANCEL]);
  });

  it('is looked for when nothing was told of it for long, later each time', () => {
    const first = step(PLAN, [{ kind: 'time' }], NOW + CHILD_LOOK_MS_MIN);
    const at = NOW + 2 * CHILD_LOOK_MS_MIN;
    const second = advance(PLAN, first.state, SCOPE, [{ kind: 'time' }], at);

    expect(first.told).toEqual([{ ...CANCEL, kind: 'child-look' }]);
    expect(first.state.tasks['call']).toMatchObject({ status: 'waiting', on: { until: at } });
    expect(second.state.tasks['call']).toMatchObject({ on: { until: at + 2 * CHILD_LOOK_MS_MIN } });
  });

  it('is looked for each hour at least, however long it takes', () => {
    const day = NOW + 24 * 3_600_000;
    const { state } = step(PLAN, [{ kind: 'time' }], day);

    expect(state.tasks['call']).toMatchObject({ on: { until: day + CHILD_LOOK_MS_MAX } });
  });

  it.each([
    [{ workflow: 'other', params: 'text' }, 'must be an object'],
    [{ workflow: 'other', params: { a: 'x'.repeat(CHILD_PARAMS_CHARS_MAX) } }, 'must be an object'],
    [{ workflow: 'other', params: { a: ESCAPED.repeat(11_000) } }, 'must be an object'],
    [{ workflow: 'other', wait: 'perhaps' }, 'must be true or false'],
    [{ workflow: 'other', onCancel: 'stop' }, 'must be "cancel" or "leave"'],
    [{ workflow: 'other', workflowRef: 'other' }, 'either "workflow" or "workflowRef"'],
    [{}, 'needs "workflow" or "workflowRef"'],
  ])('is refused when it is saved, case %#', (params, detail) => {
    const task = aTask('call', 'run-workflow', ['start'], params);
    const validation = validateDefinition(aDefinition([task]), fakePatterns, TEST_TASKS);

    expect(JSON.stringify(validation)).toContain(detail.replaceAll('"', '\\"'));
  });

  it('is named as Boomerang Flow does, too', () => {
    const plan = aPlan([aTask('call', 'run-workflow', ['start'], { workflowRef: 'other' })]);

    expect(aRun(plan).tasks['call']).toMatchObject({ on: { workflow: 'other' } });
  });
});
