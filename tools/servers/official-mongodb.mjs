import { readdir } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../project/run-command.mjs';

/**
 * MongoDB's own download for this system, found by `mongodb-memory-server-core`, which pins the
 * version and checks the archive against the checksum that MongoDB publishes beside it.
 *
 * It runs in a process of its own, because that package prints its progress on standard output.
 *
 * @type {import('./server-binary.mjs').Download}
 */
export const officialMongodb = {
  how: "MongoDB's download for this system",
  fetch: async (folder, signal) => {
    const script = fileURLToPath(new URL('download-official-mongodb.mjs', import.meta.url));
    await runCommand(process.execPath, [script, folder], { signal });
    const file = (await readdir(folder)).find((name) => name.startsWith('mongod'));
    if (!file) throw new Error('the download left no mongod');
    return path.join(folder, file);
  },
};
