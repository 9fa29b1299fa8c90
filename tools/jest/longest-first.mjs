import imported from '@jest/test-sequencer';

/** The package's types describe CommonJS, where the class is a member of the export. */
const Sequencer = /** @type {typeof imported.default} */ (/** @type {unknown} */ (imported));

/** @typedef {Parameters<InstanceType<typeof Sequencer>['sort']>[0][number]} Test */

const RANKS = ['e2e', 'integration', 'unit'];

/**
 * The order of test files without known durations: first those that start processes, then those that use servers only,
 * then the short ones, so that no worker is left with a long file at the end.
 */
export default class LongestFirst extends Sequencer {
  /**
   * @override
   * @param {Test[]} tests
   */
  async sort(tests) {
    const sorted = await super.sort(tests);
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

/** @param {Test} test */
function rankOf({ path, context }) {
  // This file simulates thousands of runs.
  if (path.endsWith('/testing/simulation/simulation.spec.ts')) return 0;
  return RANKS.indexOf(context.config.displayName?.name ?? '');
}
