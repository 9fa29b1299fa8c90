import { changeExecutor } from '../project/changed-executor.mjs';

/**
 * An app that is started with `--import` of this file stands for the next release: its table of task types has one more
 * row, `teleport`, which succeeds at once, as `end` does. The apps have no code for it.
 */

/** The row of the task type `end` in the table of task types. A bundle may have renamed the behaviour. */
const ROW = /\[\s*"end",\s*(end\d*)\s*\],/;

changeExecutor((bundle) => {
  if (!ROW.test(bundle)) throw new Error(`There is no row ${ROW} in the executor any more`);
  return bundle.replace(ROW, '$& ["teleport", $1],');
});
