import { anEvent } from '@app/events/testing';
import { CompiledFilters } from './compiled-filters.js';
import { FilterUnreadableError } from './errors.js';

describe(CompiledFilters.name, () => {
  it('compiles a filter once, however often it is read', () => {
    const filters = new CompiledFilters();
    const read = () => ({ exact: { type: 'a' } });

    const first = filters.of(read());

    expect(filters.of(read())).toBe(first);
    expect(filters.of({ exact: { type: 'b' } })).not.toBe(first);
    expect(first.matches(anEvent({ type: 'a' }))).toBe(true);
  });

  it('does not guess what a filter of another release means', () => {
    const filters = new CompiledFilters();

    expect(() => filters.of({ regex: { type: '.*' } })).toThrow(FilterUnreadableError);
    expect(() => filters.of('exact')).toThrow(FilterUnreadableError);
  });
});
