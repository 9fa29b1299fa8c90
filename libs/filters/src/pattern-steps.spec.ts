import { type CloudEvent } from '@app/events';
import { anEvent, jsonData } from '@app/events/testing';
import { type JsonValue } from '@app/json';
import { re2Patterns } from '@app/patterns';
import fc from 'fast-check';
import { type PatternCompiler } from './compilation.js';
import { compileFilter } from './compile-filter.js';
import { type EventFilter } from './event-filter.js';
import { FilterSubject } from './filter-subject.js';
import { DEFAULT_FILTER_LIMITS } from './filter-limits.js';

const { stepsMax, patternsSizeMax } = DEFAULT_FILTER_LIMITS;

/** Compiles filters, and counts steps as patterns promise them: their size times the length. Too many are not made. */
function counted(): {
  readonly compiled: (filter: JsonValue) => EventFilter;
  readonly steps: () => number;
} {
  let steps = 0;
  const patterns: PatternCompiler = (source) => {
    const pattern = re2Patterns(source);
    if (pattern.kind !== 'ok') return pattern;
    return {
      ...pattern,
      matches: (text) => {
        steps += pattern.size * (text.length + 1);
        return steps <= stepsMax && pattern.matches(text);
      },
    };
  };
  const compiled = (filter: JsonValue): EventFilter => {
    const compilation = compileFilter(filter, 'filter', DEFAULT_FILTER_LIMITS, patterns);
    if (compilation.kind === 'ok') return compilation.filter;
    throw new Error(compilation.problems.map(({ detail }) => detail).join('; '));
  };
  return { compiled, steps: () => steps };
}

const condition = (value: string, field = '$.data[*]'): JsonValue => ({
  conditions: [{ field, operation: 'matches', value }],
});

const withTexts = (texts: readonly string[]): CloudEvent =>
  anEvent({ type: 'order', data: jsonData(texts) });

const noneOf = (patterns: readonly string[]): JsonValue => ({
  any: patterns.map((pattern) => condition(pattern)),
});

describe('the step budget of patterns for one event', () => {
  it('is not exceeded by many values times many clauses times several filters', () => {
    const { compiled, steps } = counted();
    const filters = ['x', 'y', 'z'].map((end) =>
      compiled(noneOf(Array.from({ length: 20 }, (_, at) => `(a?){15}${at}${end}`))),
    );
    const subject = new FilterSubject(withTexts(Array<string>(200).fill('a'.repeat(100))));

    expect(filters.map((filter) => filter.matches(subject))).toEqual([false, false, false]);
    expect(filters.map((filter) => filter.explain(subject).matches)).toEqual([false, false, false]);
    expect(steps()).toBeLessThanOrEqual(stepsMax);
    expect(steps()).toBeGreaterThan(stepsMax / 2);
  });

  it('is not exceeded by any filters and any event', () => {
    const count = fc.integer({ min: 1, max: 50 });
    const filter = fc.array(count, { minLength: 1, maxLength: 20 });
    const lengths = fc.array(fc.nat(20_000), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(filter, { minLength: 1, maxLength: 5 }), lengths, (many, chars) => {
        const { compiled, steps } = counted();
        const subject = new FilterSubject(withTexts(chars.map((length) => 'a'.repeat(length))));
        for (const counts of many)
          compiled(noneOf(counts.map((one, at) => `(a?){${one}}b${at}`))).matches(subject);
        expect(steps()).toBeLessThanOrEqual(stepsMax);
      }),
      { numRuns: 20 },
    );
  });

  it('is full again for the next event', () => {
    const { compiled, steps } = counted();
    const filter = compiled(condition('a{1,30}b?', '$.data'));
    const event = anEvent({ data: { kind: 'text', text: 'a'.repeat(10_000) } });

    for (let at = 0; at < 10; at += 1) filter.matches(event);

    expect(steps()).toBeGreaterThan(stepsMax);
  });

  it('lets a clause beyond it not hold, with a reason, and does not change the others', () => {
    const { compiled, steps } = counted();
    const filter = compiled({
      any: [
        condition('(a?){100}b', '$.data'),
        { exact: { type: 'order' } },
        condition('orde?r', '$.type'),
      ],
    });
    const text = 'a'.repeat(100_000);
    const { matches, clauses } = filter.explain(
      anEvent({ type: 'order', data: { kind: 'text', text } }),
    );

    expect(matches).toBe(true);
    expect(clauses).toMatchObject([
      {
        holds: false,
        saw: `${'a'.repeat(256)}…`,
        reason: `all filters together may take ${stepsMax} steps for one event (FILTER_STEPS_MAX), and this is beyond`,
      },
      { holds: true },
      { holds: true, saw: 'order' },
    ]);
    expect(steps()).toBeLessThan(1_000);
  });

  it('gives the same result when a filter is explained after its evaluation', () => {
    const { compiled, steps } = counted();
    const first = compiled(condition('(a?){100}b', '$.data'));
    const second = compiled(condition('(a?){101}', '$.data'));
    const subject = new FilterSubject(anEvent({ data: { kind: 'text', text: 'a'.repeat(1_000) } }));

    expect([first.matches(subject), second.matches(subject)]).toEqual([false, false]);
    const taken = steps();
    const explanations = [first.explain(subject), second.explain(subject)];

    expect(steps()).toBe(taken);
    expect(explanations.map(({ clauses }) => clauses[0]?.reason)).toEqual([
      undefined,
      expect.stringContaining('and this is beyond'),
    ]);
  });
});

describe('the patterns of one filter', () => {
  const manyOf = (length: number): JsonValue =>
    noneOf(Array.from({ length }, (_, at) => `(a?){300}b${at}`));

  it('are bounded together when it is saved, and further ones are not compiled', () => {
    let size = 0;
    const patterns: PatternCompiler = (source) => {
      const pattern = re2Patterns(source);
      if (pattern.kind === 'ok') size += pattern.size;
      return pattern;
    };
    const compilation = compileFilter(manyOf(80), 'filter', DEFAULT_FILTER_LIMITS, patterns);

    expect(compilation).toMatchObject({
      kind: 'invalid',
      problems: [
        {
          path: expect.stringMatching(/^filter\.any\[\d+\]\.conditions\[0\]\.value$/) as string,
          detail: expect.stringContaining(
            `together beyond ${patternsSizeMax} steps a character`,
          ) as string,
        },
      ],
    });
    expect(size).toBeLessThan(patternsSizeMax * 1.2);
  });

  it('may be many if they are plain text', () => {
    const plain = noneOf(Array.from({ length: 100 }, (_, at) => `${'text '.repeat(100)}|${at}`));

    expect(compileFilter(plain, 'filter')).toMatchObject({ kind: 'ok' });
  });
});
