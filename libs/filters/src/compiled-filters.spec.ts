import { anEvent } from '@app/events/testing';
import { CompiledFilters } from './compiled-filters.js';
import { compileFilter } from './compile-filter.js';
import { FilterUnreadableError } from './errors.js';
import { filterLimits } from './filter-limits.js';

describe(CompiledFilters.name, () => {
  it('compiles a filter once, however often it is read', () => {
    const filters = new CompiledFilters();
    const read = () => ({ exact: { type: 'a' } });

    const first = filters.of(read());

    expect(filters.of(read())).toBe(first);
    expect(filters.of({ exact: { type: 'b' } })).not.toBe(first);
    expect(first.matches(anEvent({ type: 'a' }))).toBe(true);
  });

  it('throws for a filter of another release that it cannot compile', () => {
    const filters = new CompiledFilters();

    expect(() => filters.of({ regex: { type: '.*' } })).toThrow(FilterUnreadableError);
    expect(() => filters.of('exact')).toThrow(FilterUnreadableError);
  });
});

describe(filterLimits.name, () => {
  const limits = filterLimits({
    FILTER_CLAUSES_MAX: 2,
    FILTER_DEPTH_MAX: 1,
    FILTER_STEPS_MAX: 1_000,
  });
  const three = { exact: { type: 'a', source: 'b', id: 'c' } };
  const deep = { not: { not: { exact: { type: 'a' } } } };

  it.each([
    ['clauses', three, 'FILTER_CLAUSES_MAX'],
    ['levels', deep, 'FILTER_DEPTH_MAX'],
  ])('bound the %s of a filter that is saved', (_what, filter, setting) => {
    const compilation = compileFilter(filter, 'filter', limits);

    expect(compilation).toMatchObject({
      kind: 'invalid',
      problems: [{ detail: expect.stringContaining(setting) as string }],
    });
  });

  it('do not make a filter unreadable that was saved when they were larger', () => {
    const filters = new CompiledFilters(limits);
    const event = anEvent({ type: 'a', source: 'b', id: 'c' });

    expect(filters.of(three).matches(event)).toBe(true);
    expect(filters.of(deep).matches(event)).toBe(true);
  });

  it('bound what a filter may cost for an event', () => {
    const filters = new CompiledFilters(limits);
    const text = 'x'.repeat(5_000);
    const event = anEvent({ type: 'a', source: text });
    const matching = { conditions: [{ operation: 'matches', field: '$.source', value: '[xy]+' }] };

    for (const filter of [matching, { sql: "UPPER(source) LIKE 'X%'" }]) {
      expect(new CompiledFilters().of(filter).matches(event)).toBe(true);
      expect(filters.of(filter).matches(event)).toBe(false);
    }
  });
});
