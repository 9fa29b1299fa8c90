import { spawnSync } from 'node:child_process';

/**
 * `it` for a test that needs a program of the machine. Where there is none the test is skipped, and its
 * name, the standard error and the last line of `npm test` say so.
 */
export function itWith(program: string, name: string, test: () => Promise<void>): void {
  const { error } = spawnSync(program, ['--version']);
  if (error === undefined) {
    it(name, test);
    return;
  }
  const why = `NOT RUN: there is no "${program}" on the PATH`;
  process.stderr.write(`${why}: ${name}\n`);
  it.skip(`${name} (${why})`, test);
}
