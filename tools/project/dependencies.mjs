import path from 'node:path';
import { withLock } from './process-lock.mjs';
import { projectRoot } from './project-root.mjs';
import { readJson } from './read-json.mjs';
import { runCommand } from './run-command.mjs';
import { say } from './say.mjs';

/**
 * @typedef {object} Lockfile
 * @property {Record<string, { version?: string, optional?: boolean }>} packages by folder; '' is this project
 */

/**
 * Installs what package-lock.json asks for, unless it is there.
 *
 * @param {AbortSignal} [signal]
 */
export async function ensureDependencies(signal) {
  if (dependenciesAreInstalled()) return;
  await withLock(
    path.join(projectRoot, '.cache/install.lock'),
    'installs the dependencies',
    async () => {
      if (dependenciesAreInstalled()) return;
      say('Installing the dependencies (npm ci) ...');
      // The compiler and the package that downloads the servers are development dependencies.
      await runCommand(
        'npm',
        ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
        { signal },
      );
    },
    signal,
  );
}

function dependenciesAreInstalled() {
  const wanted = readLockfile(path.join(projectRoot, 'package-lock.json'));
  // npm writes this file at the end of an installation.
  const installed = readLockfile(path.join(projectRoot, 'node_modules/.package-lock.json'));
  return wanted !== undefined && installed !== undefined && isInstalled(wanted, installed);
}

/**
 * @param {Lockfile} wanted
 * @param {Lockfile} installed
 * @returns {boolean} optional packages may be missing: they are for other systems
 */
export function isInstalled(wanted, installed) {
  return Object.entries(wanted.packages).every(
    ([folder, { version, optional }]) =>
      folder === '' || optional || installed.packages[folder]?.version === version,
  );
}

/**
 * @param {string} file
 * @returns {Lockfile | undefined}
 */
function readLockfile(file) {
  try {
    return /** @type {Lockfile} */ (readJson(file));
  } catch {
    return undefined;
  }
}
