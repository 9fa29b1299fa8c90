import process from 'node:process';

/**
 * @param {string} name
 * @param {number} fallback
 * @returns {number} what follows `--<name>` on the command line
 */
export function numberOption(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
}
