import process from 'node:process';

/**
 * Tells a person what is going on: on standard error, because standard output is for results.
 *
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`${line}\n`);
}
