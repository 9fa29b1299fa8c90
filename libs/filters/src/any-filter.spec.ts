import { arbitraryEvent } from '@app/events/testing';
import { type JsonValue } from '@app/json';
import fc from 'fast-check';
import { anyText } from '@app/errors/testing';
import { compileFilter } from './compile-filter.js';

describe('any value as a filter', () => {
  const name = fc.constantFrom('exact', 'all', 'any', 'not', 'sql', 'conditions', 'field', 'type');
  const paths = fc.constantFrom('$..*', '$.data[?@.a > 1]', '$[*]', '$.data', "type = 'a'", '(');
  const { filter } = fc.letrec<{ filter: JsonValue }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 5 },
      paths,
      anyText({ maxLength: 20 }),
      fc.constantFrom(null, true, 0),
      fc.array(tie('filter'), { maxLength: 4 }),
      fc.dictionary(name, tie('filter'), { maxKeys: 3, noNullPrototype: true }),
      fc
        .tuple(paths, fc.constantFrom('equals', 'matches', 'in'), tie('filter'))
        .map(([field, operation, value]) => ({
          conditions: [{ field, operation, value, values: [value] }],
        })),
    ),
  }));

  it('compiles or has problems with paths, and never throws for any event', () => {
    let matching = 0;
    fc.assert(
      fc.property(filter, arbitraryEvent(), (value, event) => {
        const compilation = compileFilter(value, 'filter');
        if (compilation.kind === 'invalid') {
          expect(compilation.problems.length).toBeGreaterThan(0);
          for (const { path } of compilation.problems) expect(path).toMatch(/^filter/);
          return;
        }
        const explained = compilation.filter.explain(event);
        expect(explained.matches).toBe(compilation.filter.matches(event));
        expect(explained.clauses.length).toBeGreaterThan(0);
        matching += 1;
      }),
      { numRuns: 2_000 },
    );
    expect(matching).toBeGreaterThan(50);
  });
});
