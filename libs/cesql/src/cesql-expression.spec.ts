import { CesqlExpression } from './cesql-expression.js';
import { type CesqlValue } from './cesql-value.js';
import { type CesqlFunction } from './functions/cesql-function.js';
import { CesqlFunctions } from './functions/cesql-functions.js';

const attributes = (name: string): CesqlValue | undefined =>
  new Map<string, CesqlValue>([
    ['id', 'A-7'],
    ['country', 'CH'],
    ['amount', 250],
    ['vip', true],
  ]).get(name);

describe('an expression', () => {
  it('has a type before it is evaluated', () => {
    const typeOf = (text: string): string => new CesqlExpression(text).type;

    expect(['1 + 1', "LOWER('A')", 'NOT id', 'id', '(id)', 'int(id) - 1 > 0'].map(typeOf)).toEqual([
      'integer',
      'string',
      'boolean',
      'any',
      'any',
      'boolean',
    ]);
  });

  it('suggests the function that was probably meant', () => {
    const [warning] = new CesqlExpression("LENGHT('a') = 1").warnings;
    expect(warning?.reason).toBe('There is no function LENGHT (did you mean "LENGTH"?)');
  });

  it('warns of calls of unknown functions, and of wrong numbers of arguments', () => {
    expect(new CesqlExpression('vip OR nope(LEFT(id))').warnings).toEqual([
      { reason: 'There is no function NOPE', offset: 7 },
    ]);
    expect(new CesqlExpression('LEFT(id) = id').warnings).toEqual([
      { reason: 'LEFT takes 2 arguments, not 1', offset: 0 },
    ]);
  });

  it('reports the position of an error', () => {
    const text = "vip AND (country = 'CH' AND 1 / (amount - 250) = 1)";
    const { error } = new CesqlExpression(text).evaluate(attributes);

    expect(error).toEqual({
      kind: 'math',
      detail: 'A division by zero',
      offset: text.indexOf('/'),
    });
  });

  it('is bounded in length and depth', () => {
    const limits = { charsMax: 100, depthMax: 10, workCharsMax: 1_000 };
    const parse = (text: string) => () => new CesqlExpression(text, limits);

    expect(parse(`${'1'.repeat(3)}${' '.repeat(97)}`)).not.toThrow();
    expect(parse(' '.repeat(101))).toThrow('longer than 100 characters');
    expect(parse(`${'('.repeat(9)}1${')'.repeat(9)}`)).not.toThrow();
    expect(parse(`${'('.repeat(10)}1${')'.repeat(10)}`)).toThrow('nested deeper than 10 levels');
    expect(parse(`${'-'.repeat(11)} 1`)).toThrow('nested deeper than 10 levels');
    expect(parse(`true${' AND true'.repeat(10)}`)).not.toThrow();
  });

  it('fails when it is too much work', () => {
    const limits = { charsMax: 4_096, depthMax: 64, workCharsMax: 1_000 };
    const evaluate = (text: string): unknown =>
      new CesqlExpression(text, limits).evaluate(() => 'x'.repeat(400)).error?.kind;

    expect(evaluate('LENGTH(a) + LENGTH(a) > 0')).toBeUndefined();
    expect(evaluate('LENGTH(a) + LENGTH(a) + LENGTH(a) > 0')).toBe('generic');
    expect(evaluate("CONCAT_WS(a, '', '', '', '') = ''")).toBe('generic');
    expect(evaluate("a LIKE '%y%' OR a LIKE '%y%' OR a LIKE '%y%'")).toBe('generic');
  });
});

describe('functions that are added', () => {
  const shout: CesqlFunction = {
    name: 'SHOUT',
    parameters: ['string'],
    returns: 'string',
    call: ([text]) => `${String(text)}!`,
  };
  const evaluate = (text: string, call: () => CesqlValue): unknown =>
    new CesqlExpression(text, undefined, new CesqlFunctions([{ ...shout, call }])).evaluate(
      attributes,
    );

  it('are called like the others', () => {
    const functions = new CesqlFunctions([shout]);

    expect(
      new CesqlExpression('shout(amount)', undefined, functions).evaluate(attributes),
    ).toMatchObject({ value: '250!' });
  });

  it('fail the evaluation, and throw nothing, when they are defective', () => {
    const broken = (): CesqlValue => {
      throw new RangeError();
    };

    expect(evaluate("SHOUT('a')", () => 7)).toMatchObject({
      value: '',
      error: { kind: 'function-evaluation' },
    });
    expect(evaluate("SHOUT('a')", broken)).toMatchObject({
      value: '',
      error: { kind: 'function-evaluation' },
    });
  });

  it('may not be defined twice for a number of arguments', () => {
    const variadic = (count: number): CesqlFunction => {
      return { ...shout, parameters: Array<'string'>(count).fill('string'), more: 'string' };
    };

    expect(() => new CesqlFunctions([shout, shout])).toThrow(TypeError);
    expect(() => new CesqlFunctions([shout, variadic(1)])).toThrow(TypeError);
    expect(() => new CesqlFunctions([variadic(0), shout])).toThrow(TypeError);
    expect(() => new CesqlFunctions([shout, variadic(2)])).not.toThrow();
  });
});
