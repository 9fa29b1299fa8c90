import { type ActivityState } from '../../state/activity-state.js';
import { type ForceSignal, type ResumeSignal } from '../../state/signal.js';
import { aPlan, anHttpTask, aRun, aScope, cancelled, failed, NOW } from '../../testing/builders.js';
import { advance } from '../advance.js';

const SCOPE = aScope();
const LATER = { backoff: 'fixed', delayMs: 60_000, delayMsMax: 60_000 } as const;
const PLAN = aPlan(
  [
    anHttpTask('paused', ['start'], { retry: { attemptsMax: 1, ...LATER, then: 'pause' } }),
    anHttpTask('later', ['start'], { retry: { attemptsMax: 9, ...LATER } }),
    anHttpTask('busy'),
  ],
  ['paused', 'later', 'busy'],
);
const WAITING = advance(PLAN, aRun(PLAN), SCOPE, [failed('paused'), failed('later')], NOW).state;

function resumed(state: ActivityState, plan = PLAN, id = 'r') {
  const signal: ResumeSignal = { id, at: NOW, kind: 'resume', by: 'ada', reason: 'it is mended' };
  return advance(plan, state, SCOPE, [{ kind: 'signal', signal }, { kind: 'time' }], NOW + 1);
}

const RESUMED = { at: NOW + 1, by: 'ada', what: 'resumed', reason: 'it is mended' };

describe('a run that an operator resumes', () => {
  it('begins at once each attempt that it waits for, and leaves what is under way', () => {
    const { state, effects } = resumed(WAITING);

    expect(effects.map(({ task, attempt }) => [task, attempt])).toEqual([
      ['paused', 2],
      ['later', 2],
    ]);
    expect(state.tasks['busy']).toBe(WAITING.tasks['busy']);
  });

  it('has it on record once, however often it comes, to the end', () => {
    const { state } = resumed(WAITING);
    expect(state.operations).toEqual([RESUMED]);
    expect(resumed(state).state).toBe(state);

    const by = { id: 'c', by: 'bob', reason: 'enough' };
    const end = advance(PLAN, state, SCOPE, [cancelled(by)], NOW + 2).state;

    expect(end).toMatchObject({
      status: 'cancelled',
      operations: [RESUMED, { at: NOW + 2, by: 'bob', what: 'cancelled', reason: 'enough' }],
    });
  });

  it('begins the attempt of the run that it waits for', () => {
    const ends = [{ taskRef: 'call', executionCondition: 'success' }] as const;
    const plan = aPlan([anHttpTask('call')], ends, { retry: { attemptsMax: 2, ...LATER } });
    const between = advance(plan, aRun(plan), SCOPE, [failed('call')], NOW).state;
    expect(between.again?.until).toBe(NOW + 60_000);

    const { state, effects } = resumed(between, plan);

    expect(effects).toMatchObject([{ task: 'call', attempt: 2 }]);
    expect(state.operations).toEqual([RESUMED]);
  });

  it('does nothing, and notes nothing, when nothing waits for an attempt', () => {
    const { state } = resumed(aRun(PLAN));

    expect(state.tasks).toEqual(aRun(PLAN).tasks);
    expect(state).not.toHaveProperty('operations');
  });
});

describe('an operation on a task', () => {
  it.each(['succeeded', 'failed', 'skipped', 'retried'] as const)('is on record: %s', (outcome) => {
    const said = { id: 'f', at: NOW, by: 'ada', reason: 'so', task: 'busy' };
    const signal = { ...said, kind: 'force', outcome } as const;

    const { state } = advance(PLAN, WAITING, SCOPE, [{ kind: 'signal', signal }], NOW + 3);

    expect(state.operations).toEqual([
      { at: NOW + 3, by: 'ada', what: outcome, task: 'busy', reason: 'so' },
    ]);
  });

  it('is on record with its request, also in the end', () => {
    const said = { at: NOW, by: 'ada', reason: 'so' };
    const force = { ...said, id: 'f', request: 'f', task: 'busy', outcome: 'retried' } as const;
    const resume = { ...said, id: 'r', request: 'r' };
    const signals: readonly (ForceSignal | ResumeSignal)[] = [
      { ...force, kind: 'force' },
      { ...resume, kind: 'resume' },
    ];
    const inputs = signals.map((signal) => ({ kind: 'signal', signal }) as const);
    const end = [...inputs, cancelled({ id: 'c', by: 'bob', reason: 'enough' })];

    const { status, operations } = advance(PLAN, WAITING, SCOPE, end, NOW + 3).state;

    expect([status, operations?.map(({ request }) => request)]).toEqual([
      'cancelled',
      ['f', 'r', undefined],
    ]);
  });

  it('is on record if it is among the last 50', () => {
    const inputs = Array.from({ length: 60 }, (_, at) => {
      const said = { id: `f${at}`, at: NOW, by: 'ada', reason: `${at}`, task: 'busy' };
      return { kind: 'signal', signal: { ...said, kind: 'force', outcome: 'retried' } } as const;
    });

    const { operations = [] } = advance(PLAN, WAITING, SCOPE, inputs, NOW + 3).state;

    expect(operations.map(({ reason }) => reason)).toEqual(
      Array.from({ length: 50 }, (_, at) => `${at + 10}`),
    );
  });
});
