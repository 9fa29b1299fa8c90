import process from 'node:process';

/**
 * Prints a line for people, on standard error, because standard output is for results.
 *
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * @param {unknown} error whatever was thrown
 * @returns {string} the message, for people
 */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
