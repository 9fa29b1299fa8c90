import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { projectRoot } from '../project/project-root.mjs';

const LEFT_OUT = ['.git', '.cache', '.data', 'coverage', 'dist', 'node_modules'];

/** The text of a mutant is not exactly once in the code: the code has changed, so the mutant proves nothing. */
export class MutantOutdatedError extends Error {
  /**
   * @param {import('./mutants.mjs').Edit} edit
   * @param {number} times
   */
  constructor({ file, search }, times) {
    super(`${file} has this text ${times} times instead of once:\n${search}`);
    this.name = 'MutantOutdatedError';
  }
}

/** A copy of the checkout for faults. It shares the installed packages, and has its own build. */
export class MutatedCopy {
  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
  }

  static async make() {
    const folder = await mkdtemp(path.join(tmpdir(), 'flow-eventing-mutants-'));
    const isCopied = (/** @type {string} */ source) =>
      !LEFT_OUT.includes(path.relative(projectRoot, source));
    await cp(projectRoot, folder, { recursive: true, filter: isCopied });
    await symlink(path.join(projectRoot, 'node_modules'), path.join(folder, 'node_modules'));
    return new MutatedCopy(folder);
  }

  /**
   * Does the work while the fault is in the copy.
   *
   * @template T
   * @param {readonly import('./mutants.mjs').Edit[]} edits
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async with(edits, work) {
    const files = [...new Set(edits.map(({ file }) => path.join(this.folder, file)))];
    const before = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    try {
      for (const edit of edits) await apply(this.folder, edit);
      return await work();
    } finally {
      await Promise.all(files.map((file, index) => writeFile(file, before[index] ?? '')));
    }
  }

  async remove() {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} text of the file
 * @param {import('./mutants.mjs').Edit} edit
 * @returns {string} with the fault
 * @throws {MutantOutdatedError}
 */
export function mutated(text, edit) {
  const [before, after, ...more] = text.split(edit.search);
  if (after === undefined || more.length > 0) {
    throw new MutantOutdatedError(edit, text.split(edit.search).length - 1);
  }
  return `${before ?? ''}${edit.replace}${after}`;
}

/**
 * @param {string} folder
 * @param {import('./mutants.mjs').Edit} edit
 */
async function apply(folder, edit) {
  const file = path.join(folder, edit.file);
  await writeFile(file, mutated(await readFile(file, 'utf8'), edit));
}
