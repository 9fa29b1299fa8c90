import { spawnSync } from 'node:child_process';
import { withSharedClasses } from '../../tools/bundle/shared-classes.mjs';

/** What the literals below spread. */
const GIVEN = `
  const one = { a: 1, b: 2 };
  const other = { b: 3, c: 4 };
  const none = undefined;
  const own = JSON.parse('{"__proto__": 1, "z": 2}');
`;

const LITERALS: readonly string[] = [
  '({ ...one, ...other })',
  '({ ...one, b: 5, d: 6 })',
  '({ ...one })',
  '({ a: 0, ...one, ...other })',
  '({ ...none, ...(none && { x: 1 }), y: { ...one, z: { ...other, ...one } } })',
  '({ ...own, ...one })',
  '({ ...[7, 8], ..."text", get late() { return 9; } })',
  '(({ ...rest }) => ({ ...rest, f: "{ ...one, ...other }" }))(one)',
  '(() => { const { a, ...rest } = one; return [...[1], { ...rest, a }, `{ ...x, ${{ ...rest, y: 1 }.b} }`]; })()',
  '/{ ...one, two }/.source + 1 // { ...one, two }',
];

describe('literals that begin with a spread', () => {
  it.each(LITERALS)('make the same of %s', (literal) => {
    expect(valueOf(withSharedClasses(`${GIVEN}${literal}`))).toEqual(valueOf(GIVEN + literal));
  });

  it('are changed only where members follow, and on their lines', () => {
    const code =
      'const all = {\n  ...one,\n  two,\n};\nconst copy = { ...one };\nf(...one, two);\n';

    expect(withSharedClasses(code)).toBe(code.replace('...one,\n', '...null,...one,\n'));
  });

  it('share a hidden class', () => {
    const code = `
      const made = (at) => ({ ...{ a: at, b: 2 }, c: 3 });
      for (let at = 0; at < 100_000; at++) made(at);
      process.stdout.write(String(%HaveSameMap(made(1), made(2))));
    `;
    // V8's own functions are no JavaScript.
    const changed = withSharedClasses(code.replace('%', 'V8')).replace('V8', '%');

    const { stdout } = spawnSync(process.execPath, ['--allow-natives-syntax', '--eval', changed]);

    expect(stdout.toString()).toBe('true');
  });
});

function valueOf(code: string): unknown {
  const value: unknown = (0, eval)(`'use strict'; ${code}`);
  return value;
}
