import process from 'node:process';
import { parseArgs } from 'node:util';
import { ensureDependencies } from './project/dependencies.mjs';
import { stopOnSignals } from './project/process-life.mjs';
import { messageOf, say } from './project/say.mjs';
import { DID_NOT_END, failedTests } from './mutants/failed-tests.mjs';
import { MutatedCopy } from './mutants/mutated-copy.mjs';
import { MUTANTS } from './mutants/mutants.mjs';
import { requireCompiling } from './mutants/require-compiling.mjs';

/**
 * `npm run mutants` breaks a copy of the code on purpose, one fault at a time, and expects a test to fail. Arguments are
 * names of mutants; without arguments, all mutants run.
 */

const stop = stopOnSignals();

try {
  const unnoticed = await runMutants(parseArgs({ allowPositionals: true }).positionals);
  process.stdout.write(
    `${unnoticed.length} unnoticed${unnoticed.map((name) => `\n  ${name}`).join('')}\n`,
  );
  process.exitCode = unnoticed.length > 0 ? 1 : 0;
} catch (error) {
  say(messageOf(error));
  process.exitCode = 1;
}

/**
 * @param {readonly string[]} names
 * @returns {Promise<readonly string[]>} the mutants that at least one of their test files did not detect
 */
async function runMutants(names) {
  const known = MUTANTS.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`Not one of ${known.join(', ')}: ${unknown.join(', ')}`);
  const chosen = MUTANTS.filter(({ name }) => names.length === 0 || names.includes(name));
  await ensureDependencies(stop.signal);
  const copy = await MutatedCopy.make();
  try {
    await requireCompiling(copy, chosen);
    const unnoticed = [];
    for (const mutant of chosen) if (!(await isNoticed(copy, mutant))) unnoticed.push(mutant.name);
    return unnoticed;
  } finally {
    await copy.remove();
  }
}

/**
 * @param {MutatedCopy} copy
 * @param {import('./mutants/mutants.mjs').Mutant} mutant
 * @returns {Promise<boolean>} whether each of its test files detected the mutant
 */
async function isNoticed(copy, { name, edits, noticedBy }) {
  say(name);
  const failed = await copy.with(edits, () => failedTests(copy.folder, noticedBy, stop.signal));
  for (const file of noticedBy) {
    const tests = failed.get(file) ?? [];
    say(`  ${file}: ${tests.length === 0 ? 'NOTICED NOTHING' : `${tests.length} failed`}`);
    for (const test of tests) say(`    ${test}`);
    if (tests.includes(DID_NOT_END)) await requireEnd(copy, file);
  }
  return noticedBy.every((file) => (failed.get(file) ?? []).length > 0);
}

/**
 * Tests that do not end notice a fault only if they end without it: a machine may be too slow for them.
 *
 * @param {MutatedCopy} copy without a fault
 * @param {string} file
 * @throws {Error} if they do not end either
 */
async function requireEnd(copy, file) {
  say(`  ${file}: run again without the fault`);
  const failed = await failedTests(copy.folder, [file], stop.signal);
  if (failed.get(file)?.includes(DID_NOT_END) === true)
    throw new Error(
      `${file} does not end without the fault either; run it on a machine with less to do`,
    );
}
