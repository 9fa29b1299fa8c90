import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { mutated, MutantOutdatedError } from '../../tools/mutants/mutated-copy.mjs';
import { MUTANTS } from '../../tools/mutants/mutants.mjs';
import { projectRoot } from '../../tools/project/project-root.mjs';

describe.each(MUTANTS)('the mutant $name', ({ edits, noticedBy }) => {
  it('breaks code that is there', () => {
    for (const edit of edits) {
      const text = readFileSync(path.join(projectRoot, edit.file), 'utf8');
      expect(mutated(text, edit)).not.toBe(text);
    }
  });

  it('is noticed by tests that are there', () => {
    expect(noticedBy.length).toBeGreaterThan(0);
    expect(noticedBy.filter((file) => !existsSync(path.join(projectRoot, file)))).toEqual([]);
  });
});

describe('docs/mutations.md', () => {
  const text = readFileSync(path.join(projectRoot, 'docs/mutations.md'), 'utf8');

  it('has each mutant, and no other', () => {
    const listed = text.match(/(?<=^- `)[a-z-]+(?=`: )/gm) ?? [];
    expect(listed.toSorted()).toEqual(MUTANTS.map(({ name }) => name).sort());
  });

  it.each(MUTANTS)('says who notices $name', ({ name, noticedBy }) => {
    const [item = ''] = text.split(`- \`${name}\``)[1]?.split('\n- ') ?? [];
    for (const file of noticedBy) expect(item).toContain(path.basename(file));
  });
});

describe(mutated.name, () => {
  const edit = { file: 'file', search: 'a', replace: 'b' };

  it.each(['x', 'a a'])('refuses a text that is not there once: %s', (text) => {
    expect(() => mutated(text, edit)).toThrow(MutantOutdatedError);
  });
});
