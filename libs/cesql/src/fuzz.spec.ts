import fc from 'fast-check';
import { anyText } from '@app/errors/testing';
import { shapesOfMoreThanLinearWork } from '@app/events/testing';
import { CesqlExpression } from './cesql-expression.js';
import { CesqlParseError } from './errors.js';
import { type CesqlValue } from './cesql-value.js';
import { likePattern } from './like-pattern.js';

const LONG = { charsMax: 1_000_000, depthMax: 64, workCharsMax: 100_000_000 };

const value = fc.oneof(
  fc.boolean(),
  fc.integer({ min: -2_147_483_648, max: 2_147_483_647 }),
  anyText(),
  fc.constantFrom('true', 'FALSE', '-0', '42', '', '\ud800'),
);
const event = fc.dictionary(fc.constantFrom('id', 'type', 'a', 'b', 'in', '7'), value);
const text = fc.oneof(
  anyText(),
  fc
    .array(
      fc.constantFrom(
        ...['(', ')', ',', '=', '!=', '<>', '<', '>=', '+', '-', '*', '/', '%', "'", '"', '\\'],
        ...['AND', 'or', 'XOR', 'NOT', 'LIKE', 'EXISTS', 'IN', 'true', 'id', 'type', 'a', 'b'],
        ...['1', '-2147483648', '0', "'%a_'", "'x'", 'LEFT(', 'CONCAT_WS(', 'ABS(', 'INT(', ' '],
      ),
      { maxLength: 40 },
    )
    .map((parts) => parts.join(' ')),
);

/** Valid expressions, with parentheses around all parts. */
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.constantFrom('id', 'a', 'b', '7', 'true', 'FALSE', '-3', '2147483647', "'x'", "'42'", "''"),
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('AND', 'OR', 'XOR', '=', '!=', '<', '>=', '+', '-', '*', '/', '%'),
        tie('expression'),
      )
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    fc.tuple(fc.constantFrom('NOT', '-'), tie('expression')).map(([op, of]) => `(${op} ${of})`),
    fc
      .tuple(tie('expression'), fc.constantFrom("LIKE '%4_'", "NOT LIKE 'x%'"))
      .map(([of, like]) => `(${of} ${like})`),
    fc
      .tuple(tie('expression'), fc.array(tie('expression'), { minLength: 1, maxLength: 3 }))
      .map(([of, set]) => `(${of} IN (${set.join(', ')}))`),
    fc
      .tuple(fc.constantFrom('LENGTH', 'ABS', 'UPPER', 'BOOL'), tie('expression'))
      .map(([name, of]) => `${name}(${of})`),
    fc
      .tuple(fc.constantFrom('LEFT', 'RIGHT', 'SUBSTRING'), tie('expression'), tie('expression'))
      .map(([name, of, by]) => `${name}(${of}, ${by})`),
  ),
}));

const TYPES = { string: 'string', number: 'integer', boolean: 'boolean' } as Record<string, string>;

describe('any text', () => {
  it('parses, or throws a CesqlParseError with an offset within the text', () => {
    fc.assert(
      fc.property(text, event, (written, attributes) => {
        try {
          new CesqlExpression(written).evaluate((name) => own(attributes, name));
        } catch (error) {
          expect(error).toBeInstanceOf(CesqlParseError);
          const { offset } = error as CesqlParseError;
          expect(offset >= 0 && offset <= written.length).toBe(true);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('any expression', () => {
  it('has a value of its type; numbers are integers of 32 bits', () => {
    fc.assert(
      fc.property(expression, event, (written, attributes) => {
        const parsed = new CesqlExpression(written, LONG);
        const result = parsed.evaluate((name) => own(attributes, name));
        const type = TYPES[typeof result.value];
        if (parsed.type !== 'any') expect(type).toBe(parsed.type);
        if (type === 'integer')
          expect(Object.is(Number(result.value) | 0, result.value)).toBe(true);
        if (result.error) {
          expect(result.error.offset).toBeLessThan(written.length);
          expect(result.error.detail.length).toBeLessThan(120);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('means the same in any case and with any white space', () => {
    fc.assert(
      fc.property(expression, event, (written, attributes) => {
        const evaluate = (source: string): unknown =>
          new CesqlExpression(source, LONG).evaluate((name) => own(attributes, name)).value;
        const outsideOfStrings = written
          .split(/('[^']*')/)
          .map((part, index) =>
            index % 2 === 0 ? part.toLowerCase().replaceAll(/ /g, '\t\n ') : part,
          )
          .join('');

        expect(evaluate(outsideOfStrings)).toEqual(evaluate(written));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('LIKE', () => {
  const part = fc.constantFrom('a', 'b', 'ab', '%', '_', String.raw`\%`, String.raw`\_`, '\\', 'ü');
  const pattern = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''));
  const char = fc.constantFrom('a', 'b', '%', '_', '\\', 'ü', '\u{1f40e}', '\n');
  const subject = fc.array(char, { maxLength: 12 }).map((chars) => chars.join(''));

  it('agrees with the equivalent regular expression', () => {
    fc.assert(
      fc.property(pattern, subject, (like, of) => {
        expect(likePattern(like).matches(of)).toBe(regularExpressionOf(like).test(of));
      }),
      { numRuns: 3_000 },
    );
  });

  it('finds segments that are longer than a word of bits', () => {
    const places = fc.array(fc.constantFrom('a', 'b', '_'), { minLength: 25, maxLength: 100 });

    fc.assert(
      fc.property(places, fc.array(fc.constantFrom('a', 'b')), (segment, around) => {
        const inside = segment.map((place) => (place === '_' ? 'ü' : place)).join('');
        const before = around.join('');
        const like = likePattern(`%${segment.join('')}%`);

        expect(like.matches(`${before}${inside}${before}`)).toBe(true);
        expect(like.matches(inside.slice(1))).toBe(false);
        expect(like.matches(inside.replace(/[ab]/, 'c'))).toBe(!/[ab]/.test(inside));
      }),
    );
  });
});

describe('work', () => {
  it('of parsing is in proportion to the text', () => {
    const parse = (source: string): unknown => new CesqlExpression(source, LONG);
    const around = [
      ['', ''],
      ["'", "'"],
      ['id IN (', ''],
      ['true AND ', ''],
    ] as const;

    expect(shapesOfMoreThanLinearWork(parse, around)).toEqual([]);
  });

  it.each([
    "a LIKE '%aaaaaaaaaaaaaaaaaaaaaaaab%'",
    "a LIKE '%a%a%a%a%a%a%a%a%a%a%b'",
    'INT(a) = 1',
  ])('of %s is in proportion to the attribute', (source) => {
    const parsed = new CesqlExpression(source, LONG);

    expect(shapesOfMoreThanLinearWork((a) => parsed.evaluate(() => a))).toEqual([]);
  });
});

function own(attributes: Record<string, CesqlValue>, name: string): CesqlValue | undefined {
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
}

function regularExpressionOf(like: string): RegExp {
  const source = like.replaceAll(/\\[%_]|%|_|[\s\S]/gu, (token) => {
    if (token === '%') return '[^]*';
    if (token === '_') return '[^]';
    return token.length === 2 && token.startsWith('\\')
      ? token.charAt(1)
      : token.replace(/[$()*+./?[\\\]^{|}]/, String.raw`\$&`);
  });
  return new RegExp(`^${source}$`, 'u');
}
