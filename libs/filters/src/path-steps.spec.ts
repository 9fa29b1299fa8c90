import { anEvent, jsonData } from '@app/events/testing';
import { isJsonContainer, type JsonValue, parseJson } from '@app/json';
import fc from 'fast-check';
import { DEFAULT_FILTER_LIMITS } from './filter-limits.js';
import { compileFilter } from './compile-filter.js';
import { type EventFilter } from './event-filter.js';
import { FilterSubject } from './filter-subject.js';
import { StepBudget, Walk } from '@app/json-path';

const STEPS_MAX = 20_000;
const LIMITS = { ...DEFAULT_FILTER_LIMITS, stepsMax: STEPS_MAX };
const BEYOND = `all filters together may take ${STEPS_MAX} steps for one event (FILTER_STEPS_MAX), and this is beyond`;

/** Reads of one value that a step stands for, at most: its kind, its length, its child. */
const READS_A_STEP = 5;

function compiled(filter: JsonValue): EventFilter {
  const compilation = compileFilter(filter, 'filter', LIMITS);
  if (compilation.kind === 'ok') return compilation.filter;
  throw new Error(compilation.problems.map(({ detail }) => detail).join('; '));
}

/** Event data that counts what is read of it, whoever reads and whatever he says of it. */
function counted(data: JsonValue): { readonly data: JsonValue; readonly reads: () => number } {
  let reads = 0;
  const watched = (value: JsonValue): JsonValue =>
    isJsonContainer(value)
      ? new Proxy(value, {
          get: (target, key, receiver) => {
            reads += 1;
            return Reflect.get(target, key, receiver) as unknown;
          },
          ownKeys: (target) => {
            reads += Object.keys(target).length;
            return Reflect.ownKeys(target);
          },
        })
      : value;
  const within = (value: JsonValue): JsonValue => {
    if (!isJsonContainer(value)) return value;
    if (Array.isArray(value)) return watched(value.map(within));
    const members = Object.entries(value).map(([name, one]) => [name, within(one)] as const);
    return watched(Object.fromEntries(members));
  };
  return { data: within(data), reads: () => reads };
}

const anyOf = (fields: readonly string[], rest: object): JsonValue => ({
  any: fields.map((field) => ({ conditions: [{ field, ...rest }] })),
});

const items = (count: number): JsonValue =>
  Array.from({ length: count }, (_, at) => ({ sku: `s${at}`, tags: ['x', 'y'], count: at }));

const numbered = (count: number, field: string): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${field}[?@.n == ${at}]`);

describe('the step budget of paths for one event', () => {
  it.each([
    ['below everything', '$..nothing'],
    ['wildcards', '$.data[*].tags[*].no'],
    ['ways', '$.data[*,*,*,*]["a","b"]'],
    ['a filter', '$.data[?@.count > 5000 || @.sku == "no"]'],
    ['a query within a filter', '$.data[?count(@..*) == 77]'],
    ['lengths of objects', '$.data[?length(@) == 77]'],
    ['comparisons of containers', '$.data[?@.tags == @]'],
    ['a slice', '$.data[::-1].no'],
  ])('is not exceeded by %s in many clauses of several filters', (_what, field) => {
    const filters = [1, 2, 3].map(() =>
      compiled(anyOf(numbered(90, field), { operation: 'equals', value: 1 })),
    );
    const { data, reads } = counted(items(1_000));
    const subject = new FilterSubject(anEvent({ data: jsonData(data) }));
    const before = reads();

    expect(filters.map((filter) => filter.matches(subject))).toEqual([false, false, false]);
    expect(filters.map((filter) => filter.explain(subject).matches)).toEqual([false, false, false]);
    expect(reads() - before).toBeGreaterThan(1_000);
    expect(reads() - before).toBeLessThan(STEPS_MAX * READS_A_STEP);
  });

  it('is not exceeded by comparisons of the values found', () => {
    const large = Array.from({ length: 500 }, (_, at) => at);
    const filters = [1, 2].map(() =>
      compiled(
        anyOf(Array<string>(50).fill('$.data[*]'), { operation: 'in', values: [[...large, 0]] }),
      ),
    );
    const { data, reads } = counted(Array.from({ length: 200 }, () => [...large, 1]));
    const subject = new FilterSubject(anEvent({ data: jsonData(data) }));
    const before = reads();

    expect(filters.map((filter) => filter.matches(subject))).toEqual([false, false]);
    expect(reads() - before).toBeLessThan(STEPS_MAX * READS_A_STEP);
  });

  it('is one budget for paths, patterns and CESQL', () => {
    const path = { conditions: [{ field: '$..no', operation: 'equals', value: 1 }] };
    const pattern = { conditions: [{ field: '$.type', operation: 'matches', value: '(a?){20}b' }] };
    const sql = { sql: "type LIKE '%b'" };
    const type = 'a'.repeat(60);
    const data = jsonData(items(3_300));
    const subject = new FilterSubject(anEvent({ type, data }));
    const [first] = compiled(path).explain(subject).clauses;
    const later = [pattern, sql].map((one) => compiled(one).explain(subject).clauses[0]);

    expect(first).toMatchObject({ holds: false, reason: BEYOND });
    for (const clause of later) expect(clause).toMatchObject({ holds: false, reason: BEYOND });
    const { clauses } = compiled({ any: [pattern, sql] }).explain(anEvent({ type, data }));
    expect(clauses.map(({ reason }) => reason)).toEqual([undefined, undefined]);
  });

  it('is not exceeded by CESQL in many clauses', () => {
    const source = `/${'a'.repeat(1_000)}`;
    const sql = Array.from({ length: 90 }, (_, at) => ({ sql: `source LIKE '%b${at}'` }));
    const { clauses } = compiled({ any: sql }).explain(anEvent({ source }));

    expect(clauses[0]).toMatchObject({ holds: false, saw: false });
    expect(clauses.at(-1)).toMatchObject({ holds: false, reason: BEYOND });
  });

  it('is not exceeded by comparisons after it is spent: no members are listed any more', () => {
    const comparisons = Array<string>(20).fill('@ == @').join(' || ');
    const members = Object.fromEntries(
      Array.from({ length: 99_000 }, (_, at) => [`m${at}`, at] as const),
    );
    const fields = ['', ' && @.a', '.a', ' || length(@) == 1'].flatMap((rest) =>
      Array<string>(2).fill(`$.data[?${comparisons}${rest}]`),
    );
    const filter = compiled(anyOf(fields, { operation: 'equals', value: 1 }));
    const { data, reads } = counted([members]);
    const subject = new FilterSubject(anEvent({ data: jsonData(data) }));
    const before = reads();

    expect(filter.matches(subject)).toBe(false);
    // The two of the first comparison, and none of those after it.
    expect(reads() - before).toBeLessThanOrEqual(2 * 99_000 + STEPS_MAX * READS_A_STEP);
  });

  it('counts each digit of a number in every comparison', () => {
    const digits = 200_000;
    const one = parseJson(`[${'7'.repeat(digits)}]`);
    const asked = [
      { field: '$.data[?@ > 1]', operation: 'equals', value: 1 },
      { field: '$.data[?@ == 1]', operation: 'equals', value: 1 },
      { field: '$.data[?1 <= @]', operation: 'equals', value: 1 },
      { field: '$.data[*]', operation: 'in', values: [1, 2] },
    ].map((condition) => {
      const subject = new FilterSubject(anEvent({ data: jsonData(one) }));
      const { clauses } = compiled({ conditions: [condition] }).explain(subject);
      return { reason: clauses[0]?.reason, left: subject.steps.left(STEPS_MAX) };
    });

    for (const { reason, left } of asked)
      expect({ reason, left }).toEqual({ reason: BEYOND, left: 0 });
  });

  it('is spent when a walk would take more than is left, because the members are listed by then', () => {
    const steps = new StepBudget();

    expect(steps.take(11, 10)).toBe(false);
    expect(steps.left(10)).toBe(10);
    expect(new Walk(steps, 10).may(6)).toBe(false);
    expect(steps.left(10)).toBe(0);
    expect(new Walk(steps, 10).may()).toBe(false);
  });

  it('gives the same result when a filter is explained or evaluated again', () => {
    const filters = fc.array(
      fc.constantFrom('$.data[*].sku', '$..count', '$.data[0].sku', '$.data[?@.count > 3].tags[0]'),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(fc.array(filters, { minLength: 1, maxLength: 4 }), (many) => {
        const all = many.map((fields) =>
          compiled(anyOf(fields, { operation: 'equals', value: 's9999' })),
        );
        const subject = new FilterSubject(anEvent({ data: jsonData(items(300)) }));
        const asked = all.map((filter) => filter.matches(subject));
        const explained = all.map((filter) => filter.explain(subject));

        expect(explained.map(({ matches }) => matches)).toEqual(asked);
        expect(all.map((filter) => filter.explain(subject))).toEqual(explained);
      }),
      { numRuns: 50 },
    );
  });

  it('is enough for a simple path into the largest event', () => {
    const members = 100_000;
    const data = jsonData({ items: Array<number>(members).fill(1), last: 'x' });
    const condition = (field: string): JsonValue => ({
      conditions: [{ field, operation: 'equals', value: 'x' }],
    });
    const asked = ['$.data.last', '$..last', '$.data[*]'].map((field) => {
      const compilation = compileFilter(condition(field), 'filter');
      return compilation.kind === 'ok' && compilation.filter.matches(anEvent({ data }));
    });

    expect(asked).toEqual([true, true, true]);
  });
});
