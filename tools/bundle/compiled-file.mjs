import { createHash } from 'node:crypto';
import path from 'node:path';
import process from 'node:process';

/**
 * Where the build keeps what V8 has compiled of a bundle. V8 itself tells whether it was one with the same options, and
 * compares the length of the bundle only. The path of the bundle is part of what was compiled, as its name in stack traces:
 * a bundle that is moved is compiled anew.
 *
 * @param {string} folder of the bundle
 * @param {string | Buffer} bundle
 * @returns {string}
 */
export function compiledFile(folder, bundle) {
  const hash = createHash('sha256').update(`${folder}\n`).update(bundle).digest('hex');
  return path.join(folder, `main-${process.version}-${process.arch}-${hash}.compiled`);
}
