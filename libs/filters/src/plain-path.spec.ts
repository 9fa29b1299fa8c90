import { type JsonValue } from '@app/json';
import fc from 'fast-check';
import { parseJsonPath } from './json-path.js';
import { plainPath } from './plain-path.js';

const NAMES = ['a', 'b', '0', '1', 'length', '__proto__', 'a b', 'ä'];

/** A path that says the same and that only the library knows how to walk. */
function asSearch(steps: readonly (string | number)[]): string {
  // Within a filter the same steps tell whether they find something: the list is of one element.
  return `$[?@${steps.map((step) => `[${typeof step === 'number' ? step : `'${step}'`}]`).join('')}]`;
}

const step = fc.oneof(fc.constantFrom(...NAMES), fc.nat(2));
const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('text', 1, true, null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES.filter((name) => name !== '__proto__')), tie('value'), {
      noNullPrototype: true,
    }),
  ),
}));

describe(plainPath.name, () => {
  it.each([
    ['$', { a: 1 }, { a: 1 }],
    ['$.a.b[0]', { a: { b: [7] } }, 7],
    [`$['a b']["c"]`, { 'a b': { c: 1 } }, 1],
    ['$.a.length', { a: [1] }, undefined],
    [`$['0']`, [1], undefined],
    ['$[0]', { 0: 1 }, undefined],
    ['$.constructor', {}, undefined],
    ['$.a', { a: null }, null],
  ])('%s in %j is %j', (path, document, found) => {
    expect(plainPath(path)?.(document)).toEqual(found);
  });

  it.each([
    '$.*',
    '$..a',
    '$[-1]',
    '$[0:1]',
    '$[01]',
    '$[?@.a]',
    "$['a','b']",
    "$['\\u0061']",
    '$.ä',
    'a',
  ])('leaves %s to the library', (path) => {
    expect(plainPath(path)).toBeUndefined();
  });

  it('finds where the library finds', () => {
    let found = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 3 }), value, (steps, document) => {
        const path = `$${steps.map((one) => (typeof one === 'number' ? `[${one}]` : `['${one}']`)).join('')}`;
        const search = parseJsonPath(asSearch(steps));
        if (!('find' in search)) throw new Error(search.reason);
        const list = [document];
        const byLibrary = search.find({ document: list, computable: list }, 10);
        const isFound = plainPath(path)?.(document) !== undefined;
        expect(isFound).toBe(byLibrary.length === 1);
        if (isFound) found += 1;
      }),
      { numRuns: 2_000 },
    );
    expect(found).toBeGreaterThan(20);
  });
});
