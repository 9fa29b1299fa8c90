import { type JsonObject } from '@app/json';
import { type Input, type ActivityState } from '../state/activity-state.js';
import { type EventSignal, type Signal, type VoteSignal } from '../state/signal.js';
import { requirementsOf } from '../requirements.js';
import { advance } from '../run/advance.js';
import { begin } from '../run/begin.js';
import { nextWakeAt } from '../run/open-status.js';
import { aPlan, aRun, aScope, aTask, anHttpTask, NOW, succeeded } from '../testing/builders.js';
import { type Plan } from '../plan/plan.js';

const NOW_TEXT = new Date(NOW).toISOString();
const DAY_MS = 86_400_000;

function step(plan: Plan, state: ActivityState, now: number, ...inputs: readonly Input[]) {
  return advance(plan, state, aScope(), [...inputs, { kind: 'time' }], now).state;
}

const signalled = (signal: Signal): Input => ({ kind: 'signal', signal });

let ids = 0;

function event(rest: Partial<EventSignal> = {}): Input {
  ids += 1;
  return signalled({ id: `e-${ids}`, at: NOW, kind: 'event', topic: 'paid', ...rest });
}

function vote(by: string, rest: Partial<VoteSignal> = {}): Input {
  ids += 1;
  const verdict = 'approved' as const;
  return signalled({ id: `v-${ids}`, at: NOW, kind: 'vote', task: 'ask', by, verdict, ...rest });
}

function asking(params: JsonObject, type = 'approval'): Plan {
  return aPlan(
    [aTask('ask', type, ['start'], params)],
    [{ taskRef: 'ask', executionCondition: 'success' }],
  );
}

describe('sleep', () => {
  it.each<readonly [string, JsonObject, number]>([
    ['a duration', { duration: '1h30m' }, 5_400_000],
    ['an ISO duration', { duration: 'PT5M' }, 300_000],
    ['milliseconds', { duration: 250 }, 250],
    ['milliseconds as Boomerang Flow has them', { duration: '250' }, 250],
    ['an instant', { until: '2026-01-01T01:00:00+01:00' }, 0],
    ['an instant of another zone', { until: '2026-01-01T06:00:00.500-01:00' }, 25_200_500],
  ])('waits for %s', (_, params, ms) => {
    const plan = aPlan([aTask('nap', 'sleep', ['start'], params)]);
    const state = aRun(plan);

    if (ms === 0) expect(state.status).toBe('succeeded');
    else {
      expect(nextWakeAt(state)).toBe(NOW + ms);
      expect(step(plan, state, NOW + ms - 1)).toBe(state);
      expect(step(plan, state, NOW + ms).status).toBe('succeeded');
    }
  });

  it.each<JsonObject>([
    { duration: '5 minutes' },
    { duration: -1 },
    { duration: 1.5 },
    { until: 'tomorrow' },
    { until: '2026-02-30' },
    { until: '9999-01-01T00:00:00Z' },
  ])('fails with %j, which only the run shows', (params) => {
    const [[name, value] = ['', '']] = Object.entries(params);
    const plan = aPlan([aTask('nap', 'sleep', ['start'], { [name]: '$(params.x)' })]);
    const scope = aScope({ x: value });

    expect(aRun(plan, scope).tasks['nap']).toMatchObject({
      status: 'failed',
      failure: { code: 'PARAM_INVALID' },
    });
  });
});

describe('wait-for-event', () => {
  const waiting = aTask('wait', 'wait-for-event', ['start'], { topic: 'paid' });

  it('has payload and status as results', () => {
    const plan = aPlan([waiting]);

    expect(step(plan, aRun(plan), NOW, event({ payload: { sum: 5 } })).tasks['wait']).toMatchObject(
      {
        status: 'succeeded',
        results: { data: { sum: 5 }, status: 'succeeded' },
      },
    );
    expect(step(plan, aRun(plan), NOW, event()).tasks['wait']).toMatchObject({
      results: { data: null },
    });
  });

  it('fails, with the payload, when the event says that it failed', () => {
    const plan = aPlan([waiting]);
    const failed = event({ payload: 'no money', outcome: 'failed' });

    expect(step(plan, aRun(plan), NOW, failed).tasks['wait']).toMatchObject({
      status: 'failed',
      failure: { code: 'EVENT_FAILED' },
      results: { data: 'no money', status: 'failed' },
    });
  });

  it('keeps payload and failure of an event that came early', () => {
    const plan = aPlan([anHttpTask('call'), { ...waiting, dependencies: [{ taskRef: 'call' }] }]);
    const early = step(plan, aRun(plan), NOW, event({ payload: 7, outcome: 'failed' }));

    expect(step(plan, early, NOW + 1, succeeded('call')).tasks['wait']).toMatchObject({
      status: 'failed',
      results: { data: 7 },
    });
  });

  it('asks for what came before it by its key, each attempt anew, and not without one', () => {
    const params = [
      { name: 'topic', value: 'paid' },
      { name: 'correlationKey', value: '$(params.order)' },
    ];
    const retry = { attemptsMax: 2, backoff: 'fixed', delayMs: 10, delayMsMax: 10 } as const;
    const plan = aPlan([{ ...waiting, params, retry }]);
    const scope = aScope({ order: 12 });
    const begun = advance(plan, begin(plan, scope, NOW), scope, [{ kind: 'time' }], NOW);
    const entry = { kind: 'event-wait', payload: { topic: 'paid', correlationKey: '12' } };
    expect(begun.outbox).toMatchObject([entry]);

    const failed = advance(plan, begun.state, scope, [event({ outcome: 'failed' })], NOW);
    expect(failed.outbox).toEqual([]);
    const again = advance(plan, failed.state, scope, [{ kind: 'time' }], NOW + 10);
    expect(again.outbox).toMatchObject([entry]);

    const plain = aPlan([waiting]);
    const without = advance(plain, begin(plain, scope, NOW), scope, [{ kind: 'time' }], NOW);
    expect(without.outbox).toEqual([]);
  });

  it('takes a topic that only the run knows', () => {
    const plan = aPlan([{ ...waiting, params: [{ name: 'topic', value: 'order-$(params.id)' }] }]);
    const scope = aScope({ id: 12 });
    const state = aRun(plan, scope);
    const { tasks } = advance(plan, state, scope, [event({ topic: 'order-12' })], NOW).state;

    expect(tasks['wait']).toMatchObject({ status: 'succeeded' });
  });

  it.each(['pai', 'paid-late', 'PAID', ' paid', ''])(
    'does not take an event of the topic "%s" for its own',
    (topic) => {
      const plan = aPlan([waiting]);

      expect(step(plan, aRun(plan), NOW, event({ topic })).tasks['wait']).toMatchObject({
        status: 'waiting',
      });
    },
  );

  it.each([
    ['its own key', 'a', 'succeeded'],
    ['another key', 'b', 'waiting'],
    ['no key, because the sender named the run', undefined, 'succeeded'],
  ])('with a correlation key takes an event with %s', (_, correlationKey, status) => {
    const params = { topic: 'paid', correlationKey: 'a' };
    const plan = aPlan([aTask('wait', 'wait-for-event', ['start'], params)]);
    const sent = event(correlationKey === undefined ? {} : { correlationKey });

    expect(step(plan, aRun(plan), NOW, sent).tasks['wait']).toMatchObject({ status });
  });

  it('leads along an edge of its own when no event comes in time', () => {
    const plan = aPlan(
      [
        { ...waiting, timeoutMs: 2 * DAY_MS },
        aTask('late', 'set-property', [{ taskRef: 'wait', executionCondition: 'timeout' }], {
          output: 'was',
          value: 'late',
        }),
      ],
      ['late'],
    );
    const state = aRun(plan);

    expect(nextWakeAt(state)).toBe(NOW + 2 * DAY_MS);
    expect(step(plan, state, NOW + 2 * DAY_MS)).toMatchObject({
      status: 'succeeded',
      results: { was: 'late' },
    });
    const failed = step(plan, state, NOW, event({ outcome: 'failed' }));
    expect(failed.tasks).toMatchObject({ wait: { status: 'failed' }, late: { status: 'skipped' } });
  });
});

describe('approval', () => {
  it('is given when so many have approved, each once, with what they said', () => {
    const plan = asking({ approvers: 2, group: 'finance' });
    const state = aRun(plan);
    expect(state.waitingFor).toMatchObject([{ what: '2 more to approve of the group "finance"' }]);

    const one = step(plan, state, NOW, vote('ada', { comment: 'fine' }), vote('ada'));
    expect(one.waitingFor).toMatchObject([{ what: '1 more to approve of the group "finance"' }]);
    expect(step(plan, one, NOW, vote('bob')).tasks['ask']).toMatchObject({
      status: 'succeeded',
      results: {
        votes: [{ by: 'ada', verdict: 'approved', comment: 'fine', at: NOW_TEXT }, { by: 'bob' }],
        by: ['ada', 'bob'],
      },
    });
  });

  it('is refused by the first who rejects, however many have approved', () => {
    const plan = asking({ approvers: 3 });
    const rejected = vote('bob', { verdict: 'rejected', comment: 'too much' });
    const state = step(plan, aRun(plan), NOW, vote('ada'), rejected, vote('eve'), vote('joe'));

    expect(state).toMatchObject({ status: 'failed', failure: { code: 'VOTE_REJECTED' } });
    expect(state.tasks['ask']).toMatchObject({
      failure: { message: 'Rejected by bob: too much' },
      results: { by: ['ada', 'bob'] },
    });
  });

  it('counts only votes of its members', () => {
    const plan = asking({ approvers: 2, members: ['ada', 'bob'] });
    const strangers = step(
      plan,
      aRun(plan),
      NOW,
      vote('eve'),
      vote('joe', { verdict: 'rejected' }),
    );
    expect(strangers.waitingFor).toMatchObject([{ what: '2 more to approve' }]);

    expect(step(plan, strangers, NOW, vote('ada'), vote('bob')).status).toBe('succeeded');
  });

  it('knows a member who is written otherwise, and counts one who is written twice once', () => {
    const plan = asking({ members: [' Zoe\u0308'] });
    expect(step(plan, aRun(plan), NOW, vote('Zo\u00eb')).status).toBe('succeeded');

    const twice = asking({ approvers: 2, members: ['Zoe\u0308', 'Zo\u00eb'] });
    expect(aRun(twice).status).toBe('failed');
  });

  it('times out when it is due', () => {
    const plan = asking({ due: '1d' });
    const state = aRun(plan);

    expect(nextWakeAt(state)).toBe(NOW + DAY_MS);
    expect(step(plan, state, NOW + DAY_MS).tasks['ask']).toMatchObject({ status: 'timedout' });
  });

  it('reminds, again each time, until it is decided or due', () => {
    const plan = asking({ approvers: 2, remind: '1h', due: '150m' });
    const state = aRun(plan);
    const HOUR_MS = 3_600_000;
    const remindersOf = ({ tasks }: ActivityState): unknown => {
      const task = tasks['ask'];
      return task?.status === 'waiting' ? task.memory?.['reminded'] : task?.status;
    };

    expect(nextWakeAt(state)).toBe(NOW + HOUR_MS);
    expect(step(plan, state, NOW + HOUR_MS - 1)).toBe(state);
    const voted = step(plan, state, NOW + 5, vote('ada'));
    const once = step(plan, voted, NOW + HOUR_MS);
    expect([remindersOf(once), nextWakeAt(once)]).toEqual([1, NOW + 2 * HOUR_MS]);
    // Nobody was there for a while: that is one reminder, and the next is as long after it.
    const twice = step(plan, once, NOW + 2 * HOUR_MS + 60_000);
    expect([remindersOf(twice), nextWakeAt(twice)]).toEqual([2, NOW + 2.5 * HOUR_MS]);
    expect(step(plan, twice, NOW + 2.25 * HOUR_MS, vote('bob')).status).toBe('succeeded');
    expect(remindersOf(step(plan, twice, NOW + 2.5 * HOUR_MS))).toBe('timedout');
  });

  it('reminds only where a build knows of reminders', () => {
    const asks = (params: JsonObject): readonly string[] =>
      requirementsOf({ tasks: [aTask('ask', 'approval', [], params)] });

    expect(asks({ remind: '1h' })).toContain('language:3');
    expect(asks({ due: '1h' })).toEqual(['task:approval']);
  });

  it('does not remind all the time', () => {
    const { ask } = aRun(asking({ remind: '59s' })).tasks;
    expect(ask).toMatchObject({ failure: { code: 'PARAM_INVALID' } });
  });

  it('does not ask fewer than have to approve', () => {
    const { tasks } = aRun(asking({ approvers: '3', members: ['ada', 'bob'] }));
    expect(tasks['ask']).toMatchObject({ failure: { code: 'PARAM_INVALID' } });
  });
});

describe('manual', () => {
  it('is done when one says so', () => {
    const plan = asking({ instructions: 'Pack it.' }, 'manual');

    expect(step(plan, aRun(plan), NOW, vote('ada')).status).toBe('succeeded');
    expect(step(plan, aRun(plan), NOW, vote('ada', { verdict: 'rejected' })).status).toBe('failed');
  });
});
