import { createHash } from 'node:crypto';
import path from 'node:path';
import process from 'node:process';

/**
 * Where the build keeps what V8 has compiled of a bundle. V8 itself tells whether it was one with the same options, and
 * compares the length of the bundle only.
 *
 * @param {string} folder of the bundle
 * @param {string | Buffer} bundle
 * @returns {string}
 */
export function compiledFile(folder, bundle) {
  const hash = createHash('sha256').update(bundle).digest('hex');
  return path.join(folder, `main-${process.version}-${process.arch}-${hash}.compiled`);
}
