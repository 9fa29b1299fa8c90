import { jest } from '@jest/globals';
import { QuickJSContext } from 'quickjs-emscripten-core';
import { type JsonValue, parseJson } from '@app/json';
import { type ScriptAnswer } from './script-answer.js';
import { inputText, resultsOf } from './script-json.js';
import { compileEngine, ScriptSandbox } from './script-sandbox.js';

const MEBIBYTE = 1_048_576;
const LIMITS = { msMax: 400, memoryBytesMax: 24 * MEBIBYTE, resultBytesMax: 1_024 };
const MARK = 'mark:';

let engine: WebAssembly.Module;

beforeAll(async () => {
  engine = await compileEngine();
});

async function answerTo(
  source: string,
  input: JsonValue = null,
  isStopped = (): boolean => false,
  limits = LIMITS,
): Promise<ScriptAnswer> {
  const sandbox = await ScriptSandbox.create(engine, limits);
  return sandbox.answerTo({ source, input: inputText(input, MARK), mark: MARK }, isStopped);
}

async function resultsFrom(source: string, input: JsonValue = null): Promise<unknown> {
  const answer = await answerTo(source, input);
  return answer.kind === 'failed'
    ? answer
    : resultsOf(answer.json, MARK, { nestingMax: 64, membersMax: 10_000 });
}

describe('a script', () => {
  it.each([
    ['the members of an object', 'return { sum: input.a + input.b }', { sum: 3 }],
    ['a list as value', 'return [input.a, null, "x"]', { value: [1, null, 'x'] }],
    ['a text as value', 'return `${input.a}`', { value: '1' }],
    ['nothing', 'input.a = 5', {}],
    [
      'what a promise comes to',
      'return await Promise.all([1, Promise.resolve(2)])',
      { value: [1, 2] },
    ],
    ['code of several lines, with comments', '// one\nconst a = 1;\nreturn { a } // end', { a: 1 }],
    ['what is no template here', 'return "$(params.x)" + "${x}"', { value: '$(params.x)${x}' }],
  ])('gives %s', async (_what, source, results) => {
    expect(await resultsFrom(source, { a: 1, b: 2 })).toEqual({ kind: 'results', results });
  });

  it('has integers that a double cannot hold as BigInt, and gives them back as they were', async () => {
    const input = parseJson('{"big":8202522731445525542,"small":7,"text":"mark-8","part":0.1}');
    const same = await answerTo(
      'return { ...input, next: input.big + 1n, type: typeof input.big }',
      input,
    );
    const expected = '"big":8202522731445525542,"small":7,"text":"mark-8","part":0.1';
    const results = parseJson(`{${expected},"next":8202522731445525543,"type":"bigint"}`);

    expect(same.kind).toBe('returned');
    expect(
      resultsOf(same.kind === 'returned' ? same.json : '', MARK, { nestingMax: 9, membersMax: 99 }),
    ).toEqual({
      kind: 'results',
      results,
    });
    expect(await answerTo('return input.big + 1', input)).toMatchObject({
      code: 'SCRIPT_FAILED',
      message: expect.stringContaining('TypeError') as string,
    });
  });

  it('tells the line in which it threw', async () => {
    expect(await answerTo('const a = 1;\n\nnull.x')).toMatchObject({
      code: 'SCRIPT_FAILED',
      message: expect.stringMatching(/TypeError: .*\(line 3\)/) as string,
    });
  });
});

describe('a hostile or a broken script', () => {
  it.each([
    ['no JavaScript', 'return {', 'SCRIPT_INVALID'],
    ['an infinite loop', 'for (;;);', 'SCRIPT_TIMEOUT'],
    [
      'one that catches all',
      'for (;;) try { for (;;); } catch {} finally { for (;;); }',
      'SCRIPT_TIMEOUT',
    ],
    ['a pattern that explodes', 'return /(a+)+$/.test("a".repeat(40) + "b")', 'SCRIPT_TIMEOUT'],
    ['endless promises', 'for (;;) await null', 'SCRIPT_TIMEOUT'],
    [
      'promises that wait for each other without an end',
      'const next = () => Promise.resolve().then(next); await next()',
      'SCRIPT_OUT_OF_MEMORY',
    ],
    ['a toJSON that loops', 'return { toJSON() { for (;;); } }', 'SCRIPT_TIMEOUT'],
    ['a getter of an error that loops', 'throw { get message() { for (;;); } }', 'SCRIPT_TIMEOUT'],
    ['a promise that nothing settles', 'await new Promise(() => {})', 'SCRIPT_FAILED'],
    ['deep recursion', '(function again() { again() })()', 'SCRIPT_FAILED'],
    ['deep JSON', 'return JSON.parse("[".repeat(1e6) + "]".repeat(1e6))', 'SCRIPT_FAILED'],
    ['deep code', 'eval("(".repeat(1e6))', 'SCRIPT_FAILED'],
    [
      'a list of large texts',
      'const a = []; for (;;) a.push("x".repeat(1e6) + a.length)',
      'SCRIPT_OUT_OF_MEMORY',
    ],
    ['large buffers', 'const a = []; for (;;) a.push(new Uint8Array(1e6))', 'SCRIPT_OUT_OF_MEMORY'],
    ['a huge buffer', 'new ArrayBuffer(2e9)', 'SCRIPT_OUT_OF_MEMORY'],
    ['a huge result', 'return "x".repeat(1_025)', 'SCRIPT_RESULT_TOO_LARGE'],
    ['a function', 'return () => 1', 'SCRIPT_RESULT_INVALID'],
    ['a circle', 'const a = {}; a.a = a; return a', 'SCRIPT_RESULT_INVALID'],
    ['a symbol', 'return Symbol("a")', 'SCRIPT_RESULT_INVALID'],
    ['something thrown that is no error', 'throw { code: 7 }', 'SCRIPT_FAILED'],
    ['nothing thrown', 'throw null', 'SCRIPT_FAILED'],
    ['something thrown that cannot be shown', 'throw { toJSON() { throw 1 } }', 'SCRIPT_FAILED'],
  ])('fails: %s', async (_what, source, code) => {
    // What takes memory may take its time on a busy machine.
    const msMax = code === 'SCRIPT_TIMEOUT' ? LIMITS.msMax : 60_000;
    const answer = await answerTo(source, null, () => false, { ...LIMITS, msMax });

    expect(answer).toMatchObject({ kind: 'failed', code });
  });

  // The length decides whether the script or QuickJS' queue of jobs is the first that gets no memory.
  it.each([12, 32, 44, 52, 60, 72])(
    'says that memory ran out, whatever needed it (%i)',
    async (chars) => {
      const kept = `const kept = "${'x'.repeat(chars)}"`;
      const source = `${kept}; const next = () => Promise.resolve().then(next); await next()`;
      const answer = await answerTo(source, null, () => false, { ...LIMITS, msMax: 60_000 });

      expect(answer).toMatchObject({ kind: 'failed', code: 'SCRIPT_OUT_OF_MEMORY' });
    },
  );

  it.each([
    ['returned', 'return "x".repeat(1_000_000)', 'SCRIPT_RESULT_TOO_LARGE'],
    ['threw', 'throw new Error("x".repeat(1_000_000))', 'SCRIPT_FAILED'],
  ])('is asked how large it is before what it %s is copied', async (_what, source, code) => {
    const copies = jest.spyOn(QuickJSContext.prototype, 'getString');
    const answer = await answerTo(source);
    const chars = copies.mock.results.map(({ value }) => String(value).length);
    copies.mockRestore();

    expect(answer).toMatchObject({ code });
    expect(Math.max(0, ...chars)).toBeLessThanOrEqual(LIMITS.resultBytesMax);
  });

  it('ends when it is stopped', async () => {
    let looks = 0;
    const answer = await answerTo('for (;;);', null, () => (looks += 1) > 3);

    expect(answer).toMatchObject({ code: 'SCRIPT_TIMEOUT', message: 'The script was stopped' });
  });

  it('has nothing of the host', async () => {
    const names = ['process', 'require', 'fetch', 'console', 'setTimeout', 'WebAssembly', 'Buffer'];
    const found = `return [${names.map((name) => `typeof ${name}`).join()}].join()`;

    expect(await resultsFrom(found)).toEqual({
      kind: 'results',
      results: { value: names.map(() => 'undefined').join() },
    });
  });

  it('spoils nobody but itself with what it does to prototypes', async () => {
    const spoil = `
      JSON.stringify = () => '"spoilt"'; JSON.parse = () => 'spoilt';
      Object.prototype.spoilt = 1; Array.prototype.map = () => 'spoilt';
      Promise.prototype.then = function () { return this };
      BigInt.prototype.toJSON = () => 'spoilt'; String.prototype.startsWith = () => true;
      return { ok: [1], big: 1n, __proto__: { spoilt: 1 } };`;

    expect(await resultsFrom(spoil)).toMatchObject({ kind: 'results', results: { ok: [1] } });
    expect(
      await resultsFrom('return { spoilt: ({}).spoilt, all: JSON.stringify([1].map(String)) }'),
    ).toEqual({
      kind: 'results',
      results: { all: '["1"]' },
    });
    expect(({} as { spoilt?: unknown }).spoilt).toBeUndefined();
  });

  it('cannot hand out a member that is named like a prototype as one', async () => {
    const results = await resultsFrom('return JSON.parse(\'{"__proto__":{"spoilt":1},"a":1}\')');

    expect(results).toMatchObject({ results: { a: 1 } });
    expect((results as { results: { spoilt?: unknown } }).results.spoilt).toBeUndefined();
  });
});
