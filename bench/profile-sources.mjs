import { existsSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import { readJson } from '../tools/project/read-json.mjs';

/**
 * @typedef {{ functionName: string, url: string, lineNumber: number, columnNumber: number }} CallFrame
 */

/** @typedef {Partial<import('node:module').SourceMapping>} Found */

/** @type {Map<string, SourceMap | undefined>} by the URL of a bundle */
const maps = new Map();

/**
 * The source of a function: the bundled file, otherwise the URL of the file. The source map of a bundle has no lines of
 * packages, but it has their files (tools/bundle.mjs).
 *
 * @param {CallFrame} frame
 * @returns {string}
 */
export function sourceOf({ url, lineNumber, columnNumber }) {
  if (!url.includes('/dist/bundles/')) return url;
  const map = maps.has(url) ? maps.get(url) : mapOf(fileURLToPath(url));
  maps.set(url, map);
  // Code of the bundler itself has no source file.
  const { originalSource = url } = /** @type {Found} */ (
    map?.findEntry(lineNumber, columnNumber) ?? {}
  );
  return originalSource;
}

/**
 * @param {string} bundle
 * @returns {SourceMap | undefined} nothing if the bundle is no longer there
 */
function mapOf(bundle) {
  const file = `${bundle}.map`;
  if (!existsSync(file)) return undefined;
  const payload = /** @type {import('node:module').SourceMapPayload} */ (readJson(file));
  return new SourceMap(payload);
}
