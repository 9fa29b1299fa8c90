import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const EXECUTOR = '/bundles/workflow-executor/main.cjs';

/**
 * Lets a process that will run the executor run a changed one. Throws there if it is not the executor that is expected.
 *
 * @param {(bundle: string) => string} change
 */
export function changeExecutor(change) {
  const { readFileSync } = fs;
  /** @param {Parameters<typeof readFileSync>} args */
  const read = (...args) => {
    const content = readFileSync(...args);
    return String(args[0]).endsWith(EXECUTOR) ? Buffer.from(change(String(content))) : content;
  };
  fs.readFileSync = /** @type {typeof readFileSync} */ (read);
  syncBuiltinESMExports();
}
