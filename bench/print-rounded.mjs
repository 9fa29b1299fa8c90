import process from 'node:process';

/**
 * Prints figures as JSON, with as many decimals as can be told from chance.
 *
 * @param {unknown} figures
 * @param {number} [decimals]
 */
export function printRounded(figures, decimals = 3) {
  const rounded = (/** @type {string} */ _name, /** @type {unknown} */ value) =>
    typeof value === 'number' ? Number(value.toFixed(decimals)) : value;
  process.stdout.write(`${JSON.stringify(figures, rounded, 2)}\n`);
}
