import { DEFAULT_FILTER_LIMITS } from '@app/filters';
import { EVENT_FILTER_STEPS_MAX } from '@app/workflow-engine';
import { describeEventFilters } from '@app/workflow-engine/testing';
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
