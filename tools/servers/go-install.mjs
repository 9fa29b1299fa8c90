import path from 'node:path';
import process from 'node:process';
import { runCommand } from '../project/run-command.mjs';

/**
 * A program that Go builds from source; Go checks the source against its own checksum database.
 *
 * @param {string} module with its exact version, `example.org/module@v1.2.3`
 * @param {string} program
 * @returns {import('./server-binary.mjs').Download}
 */
export function goInstall(module, program) {
  return {
    how: `go install ${module}`,
    fetch: async (folder, signal) => {
      await runCommand('go', ['install', '-v', module], {
        env: { ...process.env, GOBIN: folder, GOFLAGS: '-mod=mod' },
        signal,
      });
      return path.join(folder, program);
    },
  };
}
