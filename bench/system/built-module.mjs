import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../../tools/project/project-root.mjs';

/**
 * Loads a compiled module of an app or of a lib, before bundling.
 *
 * @param {string} file from the root of the repository, such as `libs/filters/src/index.js`
 * @returns {Promise<unknown>}
 */
export function builtModule(file) {
  return import(pathToFileURL(path.join(projectRoot, 'dist/modules', file)).href);
}
