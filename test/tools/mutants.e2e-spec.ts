import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DID_NOT_END, failedTests } from '../../tools/mutants/failed-tests.mjs';
import { mutated, MutatedCopy, MutantOutdatedError } from '../../tools/mutants/mutated-copy.mjs';
import { MUTANTS } from '../../tools/mutants/mutants.mjs';
import {
  MutantDoesNotCompileError,
  requireCompiling,
} from '../../tools/mutants/require-compiling.mjs';
import { projectRoot } from '../../tools/project/project-root.mjs';

describe.each(MUTANTS)('the mutant $name', ({ edits, noticedBy }) => {
  it('replaces a text that the code has', () => {
    for (const edit of edits) {
      const text = readFileSync(path.join(projectRoot, edit.file), 'utf8');
      expect(mutated(text, edit)).not.toBe(text);
    }
  });

  it('names spec files that exist', () => {
    expect(noticedBy.length).toBeGreaterThan(0);
    expect(noticedBy.filter((file) => !existsSync(path.join(projectRoot, file)))).toEqual([]);
  });
});

describe('docs/mutations.md', () => {
  const text = readFileSync(path.join(projectRoot, 'docs/mutations.md'), 'utf8');

  it('lists every mutant, and no other', () => {
    const listed = text.match(/(?<=^- `)[a-z-]+(?=`: )/gm) ?? [];
    expect(listed.toSorted()).toEqual(MUTANTS.map(({ name }) => name).sort());
  });

  it.each(MUTANTS)('names the spec files that must notice $name, and no others', (mutant) => {
    const [item = ''] = text.split(`- \`${mutant.name}\``)[1]?.split(/\n- |\n\n/) ?? [];
    const named = new Set(item.match(/[a-z0-9.-]+spec\.ts/g));
    expect([...named].toSorted()).toEqual(
      mutant.noticedBy.map((file) => path.basename(file)).sort(),
    );
  });
});

describe(mutated.name, () => {
  const edit = { file: 'file', search: 'a', replace: 'b' };

  it.each(['x', 'a a'])('refuses a text that the file does not have exactly once: %s', (text) => {
    expect(() => mutated(text, edit)).toThrow(MutantOutdatedError);
  });
});

describe(requireCompiling.name, () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'mutants-'));
    writeFileSync(path.join(folder, 'tsconfig.json'), '{"compilerOptions":{"types":[]}}');
    writeFileSync(path.join(folder, 'code.ts'), 'export const one: number = 1;');
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function check(...faults: readonly string[]): Promise<void> {
    const mutants = faults.map((replace) => ({
      name: `is-${replace}`,
      edits: [{ file: 'code.ts', search: '1', replace }],
      noticedBy: [],
    }));
    return requireCompiling(new MutatedCopy(folder), mutants);
  }

  it('takes code, and leaves none of it', async () => {
    await check('2', '3');

    expect(readFileSync(path.join(folder, 'code.ts'), 'utf8')).toContain('1');
  });

  it('refuses the name of something that is not there', async () => {
    const error = new MutantDoesNotCompileError('is-told', ["Cannot find name 'told'."]);

    await expect(check('2', 'told')).rejects.toEqual(error);
  });
});

describe(failedTests.name, () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'mutants-'));
    symlinkSync(path.join(projectRoot, 'node_modules'), path.join(folder, 'node_modules'));
    writeFileSync(path.join(folder, 'package.json'), '{"name":"spins"}');
    for (const file of ['one.spec.js', 'two.spec.js'])
      writeFileSync(path.join(folder, file), "test('spins', () => { for (;;); });");
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('reports each file whose tests do not end as failed, and continues', async () => {
    const { signal } = new AbortController();
    const found = await failedTests(folder, ['one.spec.js', 'two.spec.js'], signal, 1_500);

    expect(Object.fromEntries(found)).toEqual({
      'one.spec.js': [DID_NOT_END],
      'two.spec.js': [DID_NOT_END],
    });
  });

  it('takes a file that cannot be loaded for no answer', async () => {
    writeFileSync(path.join(folder, 'one.spec.js'), "require('./nothing');");
    const { signal } = new AbortController();

    const found = failedTests(folder, ['one.spec.js'], signal);
    await expect(found).rejects.toThrow(/^No test of one\.spec\.js ran:\n.*nothing/s);
  });

  it('has Node run the tests as npm test does', async () => {
    for (const file of ['jest.config.mjs', 'tools']) {
      symlinkSync(path.join(projectRoot, file), path.join(folder, file));
    }
    mkdirSync(path.join(folder, 'libs'));
    writeFileSync(path.join(folder, 'libs/one.spec.ts'), "it('fails', () => expect(1).toBe(2));");
    const { signal } = new AbortController();

    const found = await failedTests(folder, ['libs/one.spec.ts'], signal);
    expect(Object.fromEntries(found)).toEqual({ 'libs/one.spec.ts': ['fails'] });
  });
});
