import {
  advance,
  begin,
  compile,
  DECISION_VALUE_CHARS_MAX,
  PATTERN_SIZE_MAX,
  PATTERN_STEPS_MAX,
  PATTERNS_SIZE_MAX,
  BUILT_IN_TASKS,
  validateDefinition,
  type PatternCompiler,
  type WorkflowDefinition,
} from '@app/workflow-engine';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { patternSizeOf } from './pattern-size.js';
import { re2Patterns } from './re2-patterns.js';

const matches = (pattern: string, text: string): boolean => {
  const compiled = re2Patterns(pattern);
  if (compiled.kind !== 'ok') throw new Error(compiled.kind);
  return compiled.matches(text);
};

/** A decision with an edge for each condition, the first of them to `end`. */
function switchOver(value: string, conditions: readonly string[]): object {
  const targets = conditions.map((decisionCondition, index) => ({
    name: `t${index}`,
    type: 'set-property',
    dependencies: [{ taskRef: 'switch', decisionCondition }],
    params: [
      { name: 'output', value: `r${index}` },
      { name: 'value', value: true },
    ],
  }));
  return {
    tasks: [
      { name: 'start', type: 'start' },
      {
        name: 'switch',
        type: 'decision',
        dependencies: [{ taskRef: 'start' }],
        params: [{ name: 'value', value }],
      },
      ...targets,
      { name: 'end', type: 'end', dependencies: targets.map(({ name }) => ({ taskRef: name })) },
    ],
  };
}

/** Counts the steps of each match as its bound, the pattern's size times the text's length, and matches nothing. */
function counted(): { readonly patterns: PatternCompiler; readonly steps: () => number } {
  let steps = 0;
  const patterns: PatternCompiler = (source) => {
    const compiled = re2Patterns(source);
    if (compiled.kind !== 'ok') return compiled;
    return {
      ...compiled,
      matches: (text) => {
        steps += compiled.size * (text.length + 1);
        return false;
      },
    };
  };
  return { patterns, steps: () => steps };
}

function run(
  definition: object,
  patterns: PatternCompiler = re2Patterns,
): ReturnType<typeof advance> {
  const plan = compile(definition as WorkflowDefinition, patterns, BUILT_IN_TASKS);
  const scope = { event: { params: {} }, context: {} };
  return advance(plan, begin(plan, scope, 0), scope, [], 0);
}

describe('a pattern', () => {
  it('matches across line breaks, as authors of `.*error.*` expect', () => {
    expect(matches('.*error.*', 'one\nan error\r\nthree\n')).toBe(true);
    expect(matches('(?-s).*error.*', 'one\nan error')).toBe(false);
  });

  it.each([
    ['yes', 'yes', true],
    ['yes', 'yes\n', false],
    ['open|closed', 'closed', true],
    ['open|closed', 'open|closed', false],
    ['a|', '', true],
    ['1,5 € & more', '1,5 € & more', true],
  ])('of plain text such as "%s" matches "%s": %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
    expect(RE2JS.matches(pattern, text)).toBe(expected);
    expect(re2Patterns(pattern)).toMatchObject({ size: 1 });
  });

  const ATOMS = [
    'a',
    '.',
    '\\d',
    '[a-z]',
    '[^]x]',
    '\\Qa.b\\E',
    '\\x{41}',
    '\\pL',
    '(?:b|c)',
    'ä',
    '\\.',
  ];
  const TAILS = ['', '', '', '*', '+', '?', '{3}', '{2,}', '{0,7}', '??', '{,3}'];

  it('is never larger than it was estimated before it was compiled', () => {
    const piece = fc
      .tuple(fc.constantFrom(...ATOMS), fc.constantFrom(...TAILS))
      .map((parts) => parts.join(''));
    const flat = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
    const grouped = fc
      .tuple(
        flat,
        fc.constantFrom('(', '(?:', '(?P<n>', '(?i:'),
        flat,
        fc.constantFrom(...TAILS),
        flat,
      )
      .map(([before, open, inner, tail, after]) => `${before}${open}${inner}|${after})${tail}`);
    const nested = fc
      .tuple(grouped, fc.constantFrom(...TAILS))
      .map(([group, tail]) => `(${group.replace('P<n>', ':')})${tail}x`);

    fc.assert(
      fc.property(fc.oneof(flat, grouped, nested), (source) => {
        let actual: number;
        try {
          actual = RE2JS.compile(source).programSize();
        } catch {
          return;
        }
        expect(patternSizeOf(source)).toBeGreaterThanOrEqual(actual);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    '(a?){1000}b1',
    '((a?){30}){30}b',
    'a{1000}'.repeat(280),
    `(?i)${'[\\x{100}-\\x{1ffff}]'.repeat(90)}`,
    `(?i)${'\\pL'.repeat(500)}`,
    `[${'\\pL'.repeat(500)}]`,
  ])('such as %.40s is refused before it is compiled', (source) => {
    expect(re2Patterns(source)).toMatchObject({ kind: 'too-large' });
    expect(patternSizeOf(source)).toBeGreaterThan(PATTERN_SIZE_MAX);
  });

  it.each([
    ['folded, as of one', `(?i)[${'\\d\\w\\s\\D'.repeat(240)}]`, 1_900],
    ['folded, in several classes', `(?i)${'[[:alpha:]ä]'.repeat(160)}`, 1_900],
    ['in order, as an eighth', `[${'a-z0-9'.repeat(320)}]{2}`, 240],
  ])('counts the characters of classes, which take time to compile: %s', (_what, source, size) => {
    expect(patternSizeOf(source)).toBeGreaterThanOrEqual(size);
    expect(patternSizeOf(source)).toBeLessThan(2 * size);
  });

  it.each([
    '[A-Z]{2}-\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z?',
    '[^@\\s]{1,64}@[a-z0-9-]+(\\.[a-z0-9-]+){1,5}',
    `(${'alternative|'.repeat(150)}last)!?`,
    '\\p{Lu}\\p{L}*( \\p{L}+)*',
    '\\{',
  ])('such as %.40s is well within the bound', (source) => {
    expect(re2Patterns(source)).toMatchObject({ kind: 'ok' });
  });
});

describe('the work of the decisions of one run', () => {
  const ATTACK = Array.from({ length: 60 }, (_, index) => `(a?){1000}b${index}`);

  it('is checked when the workflow is saved, with a path and what to do', () => {
    expect(validateDefinition(switchOver('a', ATTACK), re2Patterns, BUILT_IN_TASKS)).toMatchObject({
      kind: 'invalid',
      problems: expect.arrayContaining([
        {
          path: 'tasks[2].dependencies[0].decisionCondition',
          detail: expect.stringMatching(
            /steps a character, and may take 4000; repeat less/,
          ) as string,
        },
      ]) as unknown,
    });
  });

  it('is checked for all patterns of a workflow together', () => {
    const many = Array.from({ length: 60 }, (_, index) => `(a?){150}b${index}`);

    expect(validateDefinition(switchOver('a', many), re2Patterns, BUILT_IN_TASKS)).toMatchObject({
      kind: 'invalid',
      problems: expect.arrayContaining([
        expect.objectContaining({
          detail: expect.stringContaining(`beyond ${PATTERNS_SIZE_MAX} steps`) as string,
        }),
      ]) as unknown,
    });
  });

  it.each([
    ['patterns that a version without the bound has stored', ATTACK],
    ['patterns too long for a value', Array.from({ length: 10 }, (_, i) => `(a?){100}b${i}`)],
  ])('is not exceeded by %s: the decision fails, with a code', (_what, conditions) => {
    const { patterns, steps } = counted();
    const { state } = run(switchOver('a'.repeat(DECISION_VALUE_CHARS_MAX), conditions), patterns);

    expect(steps()).toBe(0);
    expect(state.tasks['switch']).toMatchObject({
      status: 'failed',
      failure: { code: 'DECISION_TOO_COMPLEX' },
    });
  });

  it('is not exceeded by any workflow that may be saved', () => {
    const size = fc.integer({ min: 1, max: 180 });
    fc.assert(
      fc.property(
        fc.array(size, { minLength: 1, maxLength: 30 }),
        fc.nat(DECISION_VALUE_CHARS_MAX),
        (sizes, chars) => {
          const conditions = sizes.map((count, index) => `(a?){${count}}b${index}`);
          const { patterns, steps } = counted();
          run(switchOver('a'.repeat(chars), conditions), patterns);
          expect(steps()).toBeLessThanOrEqual(PATTERN_STEPS_MAX);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is not exceeded either by compiling classes whose ranges have to be sorted and folded', () => {
    const conditions = Array.from(
      { length: 30 },
      (_, index) => `(?i)[${'\\d\\w\\s\\D'.repeat(240)}]${index}`,
    );

    expect(
      validateDefinition(switchOver('a', conditions), re2Patterns, BUILT_IN_TASKS),
    ).toMatchObject({
      kind: 'invalid',
      problems: expect.arrayContaining([
        expect.objectContaining({
          detail: expect.stringContaining(`beyond ${PATTERNS_SIZE_MAX} steps`) as string,
        }),
      ]) as unknown,
    });
  });

  it('is that of all decisions together, wherever they are', () => {
    const { patterns, steps } = counted();
    const value = 'a'.repeat(DECISION_VALUE_CHARS_MAX);
    // Of each decision more than half of the steps that a run may take.
    const decisionCondition = 'a{150}b\na{150}c';
    const decision = (name: string): object => ({
      name,
      type: 'decision',
      dependencies: [{ taskRef: 'start' }],
      params: [{ name: 'value', value }],
    });
    const { state } = run(
      {
        tasks: [
          { name: 'start', type: 'start' },
          ...['one', 'two'].map(decision),
          {
            name: 'end',
            type: 'end',
            dependencies: ['one', 'two'].map((taskRef) => ({ taskRef, decisionCondition })),
          },
        ],
      },
      patterns,
    );

    expect(steps()).toBeLessThanOrEqual(PATTERN_STEPS_MAX);
    expect(state.tasks).toMatchObject({
      one: { status: 'succeeded' },
      two: { status: 'failed', failure: { code: 'DECISION_TOO_COMPLEX' } },
    });
  });

  it('is one lookup for patterns of plain text', () => {
    const conditions = Array.from(
      { length: 400 },
      (_, index) => `${'some long text '.repeat(20)}${index}`,
    );

    const { state } = run(switchOver(`${'some long text '.repeat(20)}7`, conditions));

    expect(state).toMatchObject({ status: 'succeeded', results: { r7: true } });
  });
});
