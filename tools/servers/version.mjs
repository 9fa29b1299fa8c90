/**
 * The first `major.minor.patch` in the output of a program.
 *
 * @param {string} text
 * @returns {string | undefined}
 */
export function findVersion(text) {
  return /\bv?(\d+\.\d+\.\d+)/.exec(text)?.[1];
}

/**
 * Compares `major.minor.patch` as numbers: 2.10.0 is newer than 2.9.25.
 *
 * @param {string} version
 * @param {string} minimum
 * @returns {boolean}
 */
export function isAtLeast(version, minimum) {
  const have = version.split('.').map(Number);
  const need = minimum.split('.').map(Number);
  for (const [index, needed] of need.entries()) {
    const had = have[index] ?? 0;
    if (had !== needed) return had > needed;
  }
  return true;
}
