import { DEFAULT_FILTER_LIMITS } from '@app/filters';
import { re2Patterns } from '@app/patterns';
import { advance, compile, EVENT_FILTER_STEPS_MAX } from '@app/workflow-engine';
import {
  aDefinition,
  aRun,
  aScope,
  aTask,
  describeEventFilters,
  NOW,
} from '@app/workflow-engine/testing';
import { TASK_TYPES_RUN } from './task-handler.js';
import { eventFilters } from './event-filters.js';

const ATTRIBUTES = { topic: 'paid', status: 'succeeded', correlationid: 'A-7' } as const;

describeEventFilters(eventFilters(DEFAULT_FILTER_LIMITS));

describe(eventFilters.name, () => {
  it.each<readonly [string, object, boolean]>([
    ['prefix', { prefix: { topic: 'pa' } }, true],
    ['suffix', { suffix: { topic: 'pa' } }, false],
    ['sql', { sql: "status = 'succeeded' AND correlationid LIKE 'A-%'" }, true],
    ['sql of what there is not', { sql: "type = 'paid'" }, false],
    ['not', { not: { exact: { status: 'failed' } } }, true],
    ['all', { all: [{ exact: { topic: 'paid' } }, { exact: { status: 'failed' } }] }, false],
    ['any', { any: [{ exact: { topic: 'sent' } }, { exact: { topic: 'paid' } }] }, true],
    ['conditions', aCondition('$.data.sum', 12), true],
    ['conditions on attributes', aCondition('$.correlationid', 'A-7'), true],
  ])('has the dialects of triggers: %s', (_, filter, isMatched) => {
    const compiled = eventFilters(DEFAULT_FILTER_LIMITS)(filter as never, 'filter');

    if (compiled.kind === 'invalid') throw new Error(JSON.stringify(compiled.problems));
    expect(compiled.matches({ attributes: ATTRIBUTES, data: { sum: 12 } })).toBe(isMatched);
  });

  it('takes so many steps for an event, whatever is set for triggers, and does not match beyond', () => {
    const compiled = eventFilters(DEFAULT_FILTER_LIMITS)(aCondition('$..sum', 12), 'filter');
    if (compiled.kind === 'invalid') throw new Error(JSON.stringify(compiled.problems));
    const items = (count: number): number[] => Array.from({ length: count }, (_, at) => at);
    const matches = (count: number): boolean =>
      compiled.matches({ attributes: ATTRIBUTES, data: { items: items(count), sum: 12 } });

    // A path takes a few steps for each value that it visits.
    const few = EVENT_FILTER_STEPS_MAX / 10;
    expect(matches(few)).toBe(true);
    expect(matches(EVENT_FILTER_STEPS_MAX)).toBe(false);
    // Each event has steps of its own.
    for (let again = 0; again < 20; again += 1) expect(matches(few)).toBe(true);
  });

  it('shares the steps with the other filters of its workflow, so that all of them take no more for an event', () => {
    const data = {
      items: Array.from({ length: EVENT_FILTER_STEPS_MAX / 10 }, (_, at) => at),
      sum: 12,
    };
    const takes = (filtered: number): boolean => {
      const params = { topic: 'paid', filter: aCondition('$..sum', 12) };
      const names = Array.from({ length: filtered }, (_, at) => `wait-${at}`);
      const tasks = names.map((name) => aTask(name, 'wait-for-event', ['start'], params));
      const plain = aTask('plain', 'wait-for-event', ['start'], { topic: 'other' });
      const plan = compile(aDefinition([...tasks, plain]), re2Patterns, TASK_TYPES_RUN);
      const signal = {
        id: 'event-1',
        at: NOW,
        kind: 'event',
        topic: 'paid',
        payload: data,
      } as const;
      const { state } = advance(plan, aRun(plan), aScope(), [{ kind: 'signal', signal }], NOW);
      return state.tasks['wait-0']?.status === 'succeeded';
    };

    expect([takes(1), takes(10)]).toEqual([true, false]);
  });

  it('is as large as the filters of triggers may be', () => {
    const limits = { ...DEFAULT_FILTER_LIMITS, clausesMax: 1 };

    expect(eventFilters(limits)({ exact: { topic: 'a', status: 'b' } }, 'filter')).toMatchObject({
      problems: [{ path: 'filter.exact.status' }],
    });
  });
});

function aCondition(field: string, value: string | number) {
  return { conditions: [{ field, operation: 'equals', value }] };
}
