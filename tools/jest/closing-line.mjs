/**
 * The part of Jest's result that is used here.
 *
 * @typedef {object} JestResult
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numRuntimeErrorTestSuites the files that could not be run at all
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 */

/**
 * @param {unknown} jestResult
 * @returns {string} `12 passed, 0 failed`, and what was skipped if anything was
 */
export function closingLine(jestResult) {
  const result = /** @type {JestResult} */ (jestResult);
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  const skipped = result.numPendingTests + result.numTodoTests;
  const line = `${result.numPassedTests} passed, ${failed} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}
