import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {{ functionName: string, url: string, lineNumber: number }} CallFrame
 */

/** What esbuild writes before each module of a bundle. */
const MODULE = /^\s*\/\/ ((?:node_modules|dist\/modules)\/\S+)$/;

/** @type {Map<string, string[]>} by bundle, the module that each of its lines is of */
const bundles = new Map();

/**
 * Where a function is: the module that was bundled, or the URL of the file. The source map of a bundle knows no
 * lines of packages (tools/bundle.mjs), but a bundle says itself what each part of it was.
 *
 * @param {CallFrame} frame
 * @returns {string}
 */
export function sourceOf({ url, lineNumber }) {
  if (!url.includes('/dist/bundles/')) return url;
  const modules = bundles.get(url) ?? modulesIn(fileURLToPath(url));
  bundles.set(url, modules);
  return modules[lineNumber] || url;
}

/**
 * @param {string} file
 * @returns {string[]} by line
 */
function modulesIn(file) {
  if (!existsSync(file)) return [];
  let current = '';
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => (current = MODULE.exec(line)?.[1] ?? current));
}
