import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import { compiledFile } from './compiled-file.mjs';

/**
 * `dist/bundles/<app>/main.js`: runs the bundle beside it, with what V8 has compiled of it at the build. That takes half
 * of the CPU time of compiling it anew, which V8 does if what was kept is missing or of another V8.
 *
 * The bundle has the name of this module in stack traces: Node reads the source maps of modules, and not of scripts. The
 * bundle's first lines are empty, as many as this module has, so that no line is one of both.
 */

const { dirname, filename, url } = import.meta;

const bundle = readFileSync(path.join(dirname, 'main.cjs'));
const cachedData = contentOf(compiledFile(dirname, bundle));
const script = new vm.Script(bundle.toString(), {
  filename: url,
  ...(cachedData && { cachedData }),
});
/** @type {unknown} */
const run = script.runInThisContext();
/** @type {(...globals: unknown[]) => void} */ (run)(
  createRequire(url),
  { exports: {} },
  filename,
  dirname,
  url,
);

/**
 * @param {string} file
 * @returns {Buffer | undefined} nothing if it can't be read
 */
function contentOf(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
