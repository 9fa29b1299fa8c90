/** @typedef {{ p50: number, p99: number, max: number }} Percentiles */

/**
 * @param {number[]} values in any order; sorted in place
 * @returns {Percentiles} NaN where there are no values
 */
export function percentilesOf(values) {
  values.sort((a, b) => a - b);
  const at = (/** @type {number} */ share) =>
    values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
