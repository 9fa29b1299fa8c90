import imported from '@jest/test-sequencer';

/** The package is a module and its types are those of CommonJS, where the class is a member. */
const Sequencer = /** @type {typeof imported.default} */ (/** @type {unknown} */ (imported));

/** @typedef {Parameters<InstanceType<typeof Sequencer>['sort']>[0][number]} Test */

const RANKS = ['e2e', 'integration', 'unit'];

/**
 * The order of the test files where no earlier run says how long each takes: those that start processes, then those
 * that only have servers, then the short ones, so that no worker is left with a long one at the end.
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
  // Thousands of simulated runs in one file.
  if (path.endsWith('/runs/simulation.spec.ts')) return 0;
  return RANKS.indexOf(context.config.displayName?.name ?? '');
}
