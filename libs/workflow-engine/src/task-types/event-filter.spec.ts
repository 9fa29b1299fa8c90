import { type JsonObject, type JsonValue } from '@app/json';
import { EVENT_FILTERS_MAX } from '../bounds.js';
import { type WorkflowDefinition } from '../definition/definition.js';
import { validateForm } from '../definition-forms/validate-forms.js';
import { type Plan } from '../plan/plan.js';
import { missingFeatures, requirementsOf } from '../requirements.js';
import { advance } from '../run/advance.js';
import { type ActivityState, type Advance, type Input } from '../state/activity-state.js';
import { type EventSignal } from '../state/signal.js';
import {
  aDefinition,
  anHttpTask,
  aPlan,
  aRun,
  aScope,
  aTask,
  NOW,
  succeeded,
} from '../testing/builders.js';
import { describeEventFilters } from '../testing/event-filters.contract.js';
import { fakeEventFilters } from '../testing/fake-event-filters.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { TEST_TASKS } from '../testing/waiting-tasks.js';
import { BUILT_IN_TASKS } from './task-behaviours.js';

describeEventFilters(fakeEventFilters);

function step(plan: Plan, state: ActivityState, ...inputs: readonly Input[]): Advance {
  return advance(plan, state, aScope(), [...inputs, { kind: 'time' }], NOW);
}

function event(payload: string | number, rest: Partial<EventSignal> = {}): Input {
  const id = `event-${payload}`;
  return {
    kind: 'signal',
    signal: { id, at: NOW, kind: 'event', topic: 'paid', payload, ...rest },
  };
}

function ofData(value: JsonValue): JsonObject {
  return { conditions: [{ field: '$.data', operation: 'equals', value }] };
}

/** Waits for an event of the topic `paid` with these data. */
function wait(name: string, value: JsonValue, params: JsonObject = {}, upstream = 'start') {
  const own = { topic: 'paid', filter: ofData(value), ...params };
  return aTask(name, 'wait-for-event', [upstream], own);
}

const early = ({ early = [] }: ActivityState): unknown[] =>
  early.map((signal) => (signal.kind === 'event' ? signal.payload : signal.kind));

describe('a filtered wait for an event', () => {
  it('takes an event that matches and no other, and says that it waits for such a one', () => {
    const plan = aPlan([wait('twelve', 12)]);
    const begun = aRun(plan);
    expect(begun.waitingFor).toMatchObject([
      { what: 'an event of the topic "paid" that its filter matches' },
    ]);

    const { state } = step(plan, begun, event(11));
    expect(state.tasks['twelve']).toMatchObject({ status: 'waiting' });
    expect(step(plan, state, event(12)).state.tasks['twelve']).toMatchObject({
      status: 'succeeded',
      results: { data: 12, status: 'succeeded' },
    });
  });

  it('sees the whole event, and topic, status and key as the run goes by them', () => {
    const filter = {
      exact: { type: 'com.pay', source: '/pay', region: 'eu', status: 'succeeded', topic: 'paid' },
    };
    const plan = aPlan([wait('eu', 12, { filter })]);
    const attributes = { type: 'com.pay', source: '/pay', region: 'eu', id: 'e-1' };
    const others = { topic: 'own', status: 'completed' };
    const stateOf = (rest: Partial<EventSignal>): unknown =>
      step(plan, aRun(plan), event(12, rest)).state.tasks['eu']?.status;

    expect(stateOf({ attributes: { ...attributes, ...others } })).toBe('succeeded');
    expect(stateOf({ attributes: { ...attributes, region: 'us' } })).toBe('waiting');
    expect(stateOf({ attributes, outcome: 'failed' })).toBe('waiting');
  });

  it('goes by topic, status, key and data of an event that an earlier build recorded', () => {
    const filter = (exact: JsonObject): JsonObject => ({ filter: { exact } });
    const plan = aPlan([
      wait('typed', 12, filter({ type: 'com.pay' })),
      wait('keyed', 12, { ...filter({ topic: 'paid', correlationid: 'A-7' }) }),
    ]);
    const { tasks } = step(plan, aRun(plan), event(12, { correlationKey: 'A-7' })).state;

    expect(tasks).toMatchObject({ typed: { status: 'waiting' }, keyed: { status: 'succeeded' } });
  });

  it('does not fail by a failure that is not for it', () => {
    const plan = aPlan([wait('twelve', 12)]);
    const { state } = step(plan, aRun(plan), event(11, { outcome: 'failed' }));

    expect(state.tasks['twelve']).toMatchObject({ status: 'waiting' });
    expect(step(plan, state, event(12, { outcome: 'failed' })).state.tasks['twelve']).toMatchObject(
      { status: 'failed', failure: { code: 'EVENT_FAILED' } },
    );
  });

  it('leaves what it does not take to others that wait for the topic', () => {
    const plain = aTask('any', 'wait-for-event', ['start'], { topic: 'paid' });
    const plan = aPlan([wait('twelve', 12), wait('eleven', 11), plain], ['twelve', 'eleven']);
    const { state } = step(plan, aRun(plan), event(11));

    expect(state.tasks).toMatchObject({
      twelve: { status: 'waiting' },
      eleven: { status: 'succeeded' },
      any: { status: 'succeeded' },
    });
    expect(early(state)).toEqual([]);
  });

  it('leaves what nobody takes in the run, for a wait to come', () => {
    const plan = aPlan([wait('twelve', 12), wait('eleven', 11, {}, 'twelve')]);
    const kept = step(plan, aRun(plan), event(11), event(10)).state;
    expect(early(kept)).toEqual([11, 10]);

    const { state } = step(plan, kept, event(12));
    expect(state.status).toBe('succeeded');
    expect(state.tasks['eleven']).toMatchObject({ results: { data: 11 } });
  });

  it('finds its own among events that came before it', () => {
    const plan = aPlan([anHttpTask('call'), wait('twelve', 12, {}, 'call')]);
    const kept = step(plan, aRun(plan), event(11), event(12)).state;
    const { state } = step(plan, kept, succeeded('call'));

    expect(state.tasks['twelve']).toMatchObject({ status: 'succeeded', results: { data: 12 } });
    const none = step(plan, step(plan, aRun(plan), event(11)).state, succeeded('call')).state;
    expect(none.tasks['twelve']).toMatchObject({ status: 'waiting' });
    expect(early(none)).toEqual([11]);
  });

  it('asks the store for the next event if it does not take one that was stored for it', () => {
    const keyed = { topic: 'paid', correlationKey: 'A-7' };
    const plan = aPlan([wait('twelve', 12, keyed)]);
    const entry = { kind: 'event-wait', payload: keyed };
    const stored = { correlationKey: 'A-7', wait: 'paid A-7' };

    const refused = step(plan, aRun(plan), event(11, stored));
    expect(refused.outbox).toMatchObject([entry]);
    expect(step(plan, refused.state, event(12, stored)).outbox).toEqual([]);
    expect(step(plan, aRun(plan), event(11, { correlationKey: 'A-7' })).outbox).toEqual([]);
  });

  it('asks once for all events that came before it', () => {
    const keyed = { topic: 'paid', correlationKey: 'A-7' };
    const plan = aPlan([anHttpTask('call'), wait('twelve', 12, keyed, 'call')]);
    const stored = { correlationKey: 'A-7', wait: 'paid A-7' };
    const kept = step(plan, aRun(plan), event(10, stored), event(11, stored)).state;

    expect(early(kept)).toEqual([10, 11]);
    expect(step(plan, kept, succeeded('call')).outbox).toHaveLength(1);
  });

  it('filters by what is written: nothing in it is a reference', () => {
    const plan = aPlan([wait('dollars', '$(params.sum)')]);

    expect(step(plan, aRun(plan), event('$(params.sum)')).state.status).toBe('succeeded');
  });

  it('fails when it is reached if this build cannot read the filter', () => {
    const plan = aPlan([wait('twelve', 12, { filter: { newer: {} } })]);

    expect(aRun(plan).tasks['twelve']).toMatchObject({
      status: 'failed',
      failure: {
        code: 'PARAM_INVALID',
        message: expect.stringContaining('filter.newer') as string,
      },
    });
  });
});

describe('a definition with filters of events', () => {
  function problemsOf(input: object, types = TEST_TASKS): readonly string[] {
    const validation = validateForm(input, fakePatterns, types);
    return validation.kind === 'valid'
      ? []
      : validation.problems.map(({ path = '', detail }) => `${path} ${detail}`);
  }
  const short = (filter: JsonValue): object => ({
    tasks: { paid: { 'wait-for-event': { topic: 'paid', filter } } },
  });

  it('is refused with all problems of a filter, at their places in either form', () => {
    const wrong = { exact: { topic: '', status: 7 } };

    expect(problemsOf(short(ofData(12)))).toEqual([]);
    expect(problemsOf(short(wrong))).toEqual([
      'tasks.paid.wait-for-event.filter.exact.topic is not valid',
      'tasks.paid.wait-for-event.filter.exact.status is not valid',
    ]);
    expect(problemsOf(aDefinition([wait('paid', 12, { filter: wrong })]))).toEqual([
      'tasks[1].params[1].value.exact.topic is not valid',
      'tasks[1].params[1].value.exact.status is not valid',
    ]);
  });

  it('may have in its filters what would be no reference elsewhere', () => {
    expect(problemsOf(short(ofData('cost$(')))).toEqual([]);
  });

  it('has a bounded number of them', () => {
    const many = (count: number): WorkflowDefinition => {
      const tasks = Array.from({ length: count }, (_, at) => wait(`wait-${at}`, at));
      return aDefinition(
        tasks,
        tasks.map(({ name }) => name),
      );
    };

    expect(problemsOf(many(EVENT_FILTERS_MAX))).toEqual([]);
    expect(problemsOf(many(EVENT_FILTERS_MAX + 1))).toEqual([
      `tasks[${EVENT_FILTERS_MAX + 1}].params[1] at most ${EVENT_FILTERS_MAX} tasks of the type wait-for-event ` +
        'may have a "filter" in one workflow',
    ]);
  });

  it('is run only by builds that know filters', () => {
    const requires = requirementsOf(aDefinition([wait('paid', 12)]));

    expect(requires).toContain('language:4');
    expect(missingFeatures({ requires })).toEqual([]);
    const plain = aTask('paid', 'wait-for-event', ['start'], { topic: 'paid' });
    expect(requirementsOf(aDefinition([plain]))).toEqual(['task:wait-for-event']);
  });

  it('is refused where no language of filters is', () => {
    expect(problemsOf(short(ofData(12)), BUILT_IN_TASKS)).toEqual([
      'tasks.paid.wait-for-event.filter wait-for-event takes no parameter "filter"',
    ]);
  });
});
