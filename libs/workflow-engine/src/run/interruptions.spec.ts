import {
  aPlan,
  aRun,
  aScope,
  aTask,
  anHttpTask,
  cancelled,
  failed,
  NOW,
  succeeded,
} from '../testing/builders.js';
import { advance } from './advance.js';
import { begin } from './begin.js';
import { nextWakeAt } from './open-status.js';

const SCOPE = aScope();
const RETRY = { attemptsMax: 3, backoff: 'fixed', delayMs: 1_000, delayMsMax: 1_000 } as const;
const TIME = { kind: 'time' } as const;
const RESUME = { kind: 'resume' } as const;

describe('resume', () => {
  it('hands out what runs again: the same attempt and key, with its whole time', () => {
    const plan = aPlan([anHttpTask('a'), anHttpTask('b', ['start'], { retry: RETRY })], ['a', 'b']);
    const first = advance(plan, begin(plan, SCOPE, NOW), SCOPE, [], NOW);

    const late = NOW + 3_600_000;
    const resumed = advance(plan, first.state, SCOPE, [TIME, RESUME], late);

    const lateBy = (at = 0): number => at + 3_600_000;
    const again = first.effects.map((call) => ({
      ...call,
      repeats: 1,
      timeoutAt: lateBy(call.timeoutAt),
    }));
    expect(resumed.effects).toEqual(again);
    expect(resumed.state.tasks['a']).toMatchObject({ attempt: 1, startedAt: late });
    expect(nextWakeAt(resumed.state)).toBe(lateBy(nextWakeAt(first.state)));
  });

  it('leaves alone what it does not name', () => {
    const plan = aPlan([anHttpTask('a'), anHttpTask('b')], ['a', 'b']);
    const first = advance(plan, begin(plan, SCOPE, NOW), SCOPE, [], NOW);

    const named = { kind: 'resume', tasks: ['b'] } as const;
    const { state, effects } = advance(plan, first.state, SCOPE, [named], NOW + 1);

    expect(effects).toMatchObject([{ task: 'b', repeats: 1 }]);
    expect(state.tasks['a']).toEqual(first.state.tasks['a']);
  });

  it('hands out a retry that is due only once', () => {
    const plan = aPlan([anHttpTask('call', ['start'], { retry: RETRY })]);
    const waiting = advance(plan, aRun(plan), SCOPE, [failed('call')], NOW).state;

    const { effects } = advance(plan, waiting, SCOPE, [RESUME, TIME], NOW + 1_000);

    expect(effects).toMatchObject([{ task: 'call', attempt: 2 }]);
  });

  it('takes the first step of a run that was stored before it', () => {
    const plan = aPlan([anHttpTask('call')]);

    const { effects } = advance(plan, begin(plan, SCOPE, NOW), SCOPE, [RESUME], NOW);

    expect(effects).toHaveLength(1);
  });
});

describe('a cancellation', () => {
  const plan = aPlan([
    aTask('before', 'set-property', ['start'], { output: 'x', value: 1 }),
    anHttpTask('call', ['before']),
    anHttpTask('after', ['call']),
  ]);
  const running = aRun(plan);

  it('stops what runs, skips what has not begun and keeps what is over', () => {
    const { state, effects } = advance(plan, running, SCOPE, [cancelled(), RESUME], NOW + 7);

    expect(state).toMatchObject({
      status: 'cancelled',
      endedAt: NOW + 7,
      failure: { level: 'workflow', code: 'CANCELLED', message: 'Cancelled: no longer wanted' },
      tasks: {
        before: { status: 'succeeded' },
        call: { status: 'cancelled', startedAt: NOW, endedAt: NOW + 7 },
        after: { status: 'skipped' },
        end: { status: 'skipped' },
      },
    });
    expect(state.waitingFor).toBeUndefined();
    expect(effects).toEqual([]);
  });

  it('that comes twice, or after the end, changes nothing', () => {
    const { state } = advance(plan, running, SCOPE, [cancelled()], NOW);

    expect(advance(plan, state, SCOPE, [cancelled(), cancelled({ id: '2' })], NOW).state).toBe(
      state,
    );
  });

  it('before a result in the same batch refuses it; after it, keeps it', () => {
    const first = advance(plan, running, SCOPE, [cancelled(), succeeded('call')], NOW).state;
    const last = advance(plan, running, SCOPE, [succeeded('call'), cancelled()], NOW).state;

    expect(first.tasks['call']?.status).toBe('cancelled');
    expect(last.tasks['call']?.status).toBe('succeeded');
  });
});

describe("the workflow's timeout", () => {
  const plan = aPlan(
    [anHttpTask('call', ['start'], { timeoutMs: 60_000 }), anHttpTask('after', ['call'])],
    undefined,
    { timeoutMs: 5_000 },
  );
  const running = aRun(plan);

  it('is the next wake-up if nothing is due before it', () => {
    expect(nextWakeAt(running)).toBe(NOW + 5_000);
  });

  it('ends the run as timed out', () => {
    const { state } = advance(plan, running, SCOPE, [TIME], NOW + 5_000);

    expect(state).toMatchObject({
      status: 'timedout',
      failure: { level: 'workflow', code: 'WORKFLOW_TIMEOUT' },
      tasks: { call: { status: 'timedout', attempt: 1 }, after: { status: 'skipped' } },
    });
    expect(nextWakeAt(state)).toBeUndefined();
  });

  it('does nothing a millisecond earlier', () => {
    expect(advance(plan, running, SCOPE, [TIME], NOW + 4_999).state).toBe(running);
  });
});
