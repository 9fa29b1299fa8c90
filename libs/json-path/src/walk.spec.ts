import { parseJson, type JsonValue } from '@app/json';
import fc from 'fast-check';
import { JSONPathEnvironment } from 'json-p3';
import { StepBudget } from './step-budget.js';
import { parseJsonPath } from './json-path.js';
import { Walk } from './walk.js';

const library = new JSONPathEnvironment();

function found(path: string, document: JsonValue, nodesMax = 1_000): readonly JsonValue[] {
  const parsed = parseJsonPath(path);
  if (!('find' in parsed)) throw new Error(parsed.reason);
  return parsed.find(document, new Walk(new StepBudget(), 1_000_000), nodesMax);
}

const NAMES = ['a', 'b', '0', 'length', 'a b', 'ä'];
const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('text', 'a', '', 1, 2.5, -1, true, false, null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { noNullPrototype: true }),
  ),
}));

const index = fc.integer({ min: -5, max: 5 }).map(String);
const bound = fc.oneof(fc.constant(''), index);
const name = fc.constantFrom(...NAMES).map((one) => `'${one}'`);
const singular = fc
  .array(fc.oneof(name, index), { maxLength: 2 })
  .map((steps) => `@${steps.map((step) => `[${step}]`).join('')}`);
const literal = fc.constantFrom("'a'", "'text'", '1', '2.5', '-1', 'true', 'null');
const query = fc.tuple(singular, fc.constantFrom('', '.*', '..a', '[0:2]')).map((p) => p.join(''));
const operand = fc.oneof(
  singular,
  literal,
  singular.map((one) => `length(${one})`),
  query.map((one) => `count(${one})`),
  query.map((one) => `value(${one})`),
);
const operator = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');
const comparison = fc.tuple(operand, operator, operand).map((parts) => parts.join(' '));
const test = fc.oneof(
  comparison,
  query,
  query.map((one) => `!${one}`),
);
const filter = fc
  .tuple(test, fc.constantFrom('&&', '||'), test)
  .map(([a, both, b]) => `?${a} ${both} ${b}`);
const selector = fc.oneof(
  name,
  index,
  fc.constant('*'),
  fc.tuple(bound, bound, bound).map((bounds) => bounds.join(':')),
  test.map((one) => `?${one}`),
  filter,
);
const segment = fc
  .array(selector, { minLength: 1, maxLength: 2 })
  .map((selectors) => `[${selectors.join(',')}]`);
const path = fc
  .tuple(fc.array(segment, { maxLength: 2 }), fc.constantFrom('', '..[*]', "..['a']"), segment)
  .map(([before, descendant, after]) => `$${before.join('')}${descendant}${after}`);

describe('a path', () => {
  it('finds what the library finds, in its order', () => {
    let somewhere = 0;
    fc.assert(
      fc.property(path, value, (text, document) => {
        const parsed = parseJsonPath(text);
        fc.pre('find' in parsed);
        const byLibrary = library.query(text, document as never).values();
        expect(found(text, document)).toEqual(byLibrary);
        if (byLibrary.length > 0) somewhere += 1;
      }),
      { numRuns: 1_500 },
    );
    expect(somewhere).toBeGreaterThan(200);
  });

  it.each<readonly [path: string, document: JsonValue, found: readonly JsonValue[]]>([
    ['$', { a: 1 }, [{ a: 1 }]],
    ['$.a.b[0]', { a: { b: [7] } }, [7]],
    [`$['a b']["c"]`, { 'a b': { c: 1 } }, [1]],
    ['$.a.length', { a: [1] }, []],
    [`$['0']`, [1], []],
    ['$[0]', { 0: 1 }, []],
    ['$.constructor', {}, []],
    ['$..__proto__', parseJson('{"a":{"__proto__":1}}'), [1]],
    ['$.a', { a: null }, [null]],
    ['$[?length(@) == 1]', ['😀', 'ab'], ['😀']],
  ])('%s in %j finds %j', (text, document, values) => {
    expect(found(text, document)).toEqual(values);
  });

  it('compares numbers as doubles, and gives them as they were sent', () => {
    const document = parseJson(
      '[{"id":8202522731445525542,"n":1e0},{"id":8202522731445525543,"n":1}]',
    );

    expect(found('$[?@.n == 1].id', document).map(String)).toEqual([
      '8202522731445525542',
      '8202522731445525543',
    ]);
    expect(found('$[?@.id == 8202522731445525542]', document)).toHaveLength(2);
  });

  it('finds at most nodesMax values', () => {
    expect(found('$[*]', Array<number>(100).fill(1), 7)).toHaveLength(7);
  });

  it('goes to the greatest depth of an event', () => {
    const depth = 1_500;
    expect(
      found('$..a', parseJson(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`), depth),
    ).toHaveLength(depth);
  });

  it.each([
    ['$.a.', 'no name follows its last "."'],
    ['$.', 'no name follows its last "."'],
    ['$.a ', 'it ends with white space'],
  ])('that ends too early is refused with what is missing: %j', (text, reason) => {
    expect(parseJsonPath(text)).toEqual({ reason, offset: text.length - 1 });
  });

  it.each(['$[?!true]', '$[?@.a || length(@.a)]', '$[?(@.a == 1) == true]', '$[?!@.a == 1]'])(
    'that the library takes, against the grammar, is refused: %s',
    (text) => {
      expect(parseJsonPath(text)).toEqual({
        reason: expect.stringMatching(/^".+" is not permitted here in a filter$/) as string,
        offset: 0,
      });
    },
  );
});
