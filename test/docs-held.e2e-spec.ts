import { readFile } from 'node:fs/promises';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');

/** `file`: "name of the test", as often as there are. */
const HELD_BY = /`([^`]+)`: "((?:[^";]|"(?!;|$))+)"(?=;|$)/g;

interface Row {
  readonly rule: string;
  readonly heldBy: readonly (readonly [file: string, test: string])[];
}

/** The rows of the tables whose last column is `held by`. */
function rowsIn(text: string): readonly Row[] {
  const lines = text.split('\n');
  const heads = lines.flatMap((line, at) => (/ held by +\|$/.test(line) ? [at] : []));
  return heads.flatMap((head) => {
    const rest = lines.slice(head + 2);
    const end = rest.findIndex((line) => !line.startsWith('|'));
    return rest.slice(0, end === -1 ? rest.length : end).map(rowIn);
  });
}

function rowIn(line: string): Row {
  const cells = line.split(' | ').map((cell) => cell.replaceAll(/^\||\|$/g, '').trim());
  const heldBy = [...(cells.at(-1) ?? '').matchAll(HELD_BY)].map(
    ([, file = '', test = '']) => [file, test] as const,
  );
  return { rule: cells[0] ?? '', heldBy };
}

/** The names of tests in a file as they are written there. */
async function testsIn(file: string): Promise<readonly string[]> {
  const text = await readFile(path.join(ROOT, file), 'utf8').catch(() => '');
  const names = text.matchAll(/\(\s*(['"`])((?:(?!\1).)+)\1,\s*(?:async\s*)?\(/g);
  return [...names].map(([, , name = '']) => name.replaceAll("\\'", "'"));
}

it("every defect of Boomerang Flow's engine has a row that names the test against it", async () => {
  const rows = rowsIn(await readFile(path.join(ROOT, 'docs/workflows.md'), 'utf8'));
  const defects = rows.flatMap(({ rule }) => /^E\d+(?=:)/.exec(rule) ?? []);

  expect(defects).toEqual(Array.from({ length: 21 }, (_, at) => `E${at + 1}`));
});

describe.each(['docs/ingress-rules.md', 'docs/compatibility.md', 'docs/workflows.md'])(
  '%s',
  (name) => {
    it('names existing tests for each rule, by file and title', async () => {
      const rows = rowsIn(await readFile(path.join(ROOT, name), 'utf8'));
      const missing = await Promise.all(
        rows.flatMap(({ rule, heldBy }) =>
          heldBy.length === 0
            ? [Promise.resolve(`"${rule}" names no test`)]
            : heldBy.map(async ([file, test]) => {
                const known = await testsIn(file);
                if (known.length === 0) return `"${rule}": ${file} has no tests`;
                return known.includes(test) ? '' : `"${rule}": ${file} has no "${test}"`;
              }),
        ),
      );

      expect(rows.length).toBeGreaterThan(20);
      expect(missing.filter((one) => one !== '')).toEqual([]);
    });
  },
);

describe('reading such a table', () => {
  it('returns its rows, and no titles of a missing file', async () => {
    const [row] = rowsIn(
      '| rule | held by |\n| --- | --- |\n| a `b` | `x.ts`: "one"; `y.ts`: "the "%s" two" |\n',
    );

    expect(row).toEqual({
      rule: 'a `b`',
      heldBy: [
        ['x.ts', 'one'],
        ['y.ts', 'the "%s" two'],
      ],
    });
    expect(await testsIn('test/nowhere.ts')).toEqual([]);
  });
});
