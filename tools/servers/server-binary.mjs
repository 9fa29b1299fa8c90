import { constants } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { projectRoot } from '../project/project-root.mjs';
import { withLock } from '../project/process-lock.mjs';
import { readCommand } from '../project/run-command.mjs';
import { messageOf, say } from '../project/say.mjs';
import { ServerBinaryMissingError } from './errors.mjs';
import { findVersion, isAtLeast } from './version.mjs';

/**
 * Finds a server's program: the one that a setting names, otherwise one of the right version on the PATH, otherwise the
 * one in the project's cache, otherwise a download.
 *
 * @typedef {object} Download
 * @property {string} how says in a few words where it comes from
 * @property {(folder: string, signal?: AbortSignal) => Promise<string>} fetch puts the program, and
 *   other files, into an empty folder; returns the program's path
 *
 * @typedef {object} ServerBinary
 * @property {string} name of the program
 * @property {string} versionMin `major.minor.patch`
 * @property {string} [versionArgument] the arguments that print the version, with blanks between; `--version`
 *   by default
 * @property {string} setting the environment variable that names a program
 * @property {readonly Download[]} downloads for this system, best first
 * @property {readonly string[]} remedies what a person can do if nothing works
 */

/**
 * @param {ServerBinary} binary
 * @param {AbortSignal} [signal]
 * @returns {Promise<string>} the path of a program that runs here and is new enough
 * @throws {ServerBinaryMissingError}
 */
export async function findServerBinary(binary, signal) {
  const named = process.env[binary.setting];
  if (named) return findNamed(binary, named);
  const cached = path.join(cacheFolder(), binary.name);
  const onPath = await findOnPath(binary.name);
  const onPathProblem = await problemWith(binary, onPath);
  if (onPath && !onPathProblem) return onPath;
  const cachedProblem = await problemWith(binary, cached);
  if (!cachedProblem) return cached;
  const attempts = [`the PATH: ${onPathProblem ?? ''}`, `the cache: ${cachedProblem}`];
  return withLock(
    `${cached}.lock`,
    `is downloading ${binary.name}`,
    async () => {
      const anotherWasFaster = !(await problemWith(binary, cached));
      if (!anotherWasFaster) await download(binary, cached, attempts, signal);
      return cached;
    },
    signal,
  );
}

/** @returns {string} `SERVERS_CACHE_DIR`, else a folder of the checkout */
export function cacheFolder() {
  return path.resolve(projectRoot, process.env['SERVERS_CACHE_DIR'] ?? '.cache/servers');
}

/**
 * Uses or refuses the program that the setting names. Another program in its place would hide a typing mistake.
 *
 * @param {ServerBinary} binary
 * @param {string} file
 */
async function findNamed(binary, file) {
  const problem = await problemWith(binary, file);
  if (problem) {
    throw new ServerBinaryMissingError(
      binary.name,
      [`${binary.setting}: ${problem}`],
      [`unset ${binary.setting}, or let it name another program`],
    );
  }
  return file;
}

/**
 * @param {ServerBinary} binary
 * @param {string} target
 * @param {string[]} attempts
 * @param {AbortSignal} [signal]
 */
async function download(binary, target, attempts, signal) {
  for (const { how, fetch } of binary.downloads) {
    const folder = await emptyFolder();
    try {
      say(`Getting ${binary.name}: ${how} (once; kept in ${cacheFolder()}) ...`);
      const file = await fetch(folder, signal);
      await chmod(file, 0o755);
      const problem = await problemWith(binary, file);
      if (problem) throw new Error(problem);
      await rename(file, target);
      return;
    } catch (error) {
      signal?.throwIfAborted();
      attempts.push(`${how}: ${messageOf(error)}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  throw new ServerBinaryMissingError(binary.name, attempts, binary.remedies);
}

/** The temporary folder is in the cache, because a rename is atomic only within one file system. */
async function emptyFolder() {
  await mkdir(cacheFolder(), { recursive: true });
  return mkdtemp(path.join(cacheFolder(), 'download-'));
}

/**
 * @param {string} name
 * @returns {Promise<string | undefined>}
 */
async function findOnPath(name) {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    const file = path.join(folder, name);
    if (folder && (await isExecutable(file))) return file;
  }
  return undefined;
}

/**
 * @param {string} file
 * @returns {Promise<boolean>}
 */
function isExecutable(file) {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/**
 * @param {ServerBinary} binary
 * @param {string | undefined} file
 * @returns {Promise<string | undefined>} the problem; undefined if it runs and is new enough
 */
async function problemWith(binary, file) {
  if (!file || !(await isExecutable(file))) return `no program ${file ?? binary.name}`;
  try {
    const version = findVersion(
      await readCommand(file, (binary.versionArgument ?? '--version').split(' ')),
    );
    if (!version) return `${file} does not say its version`;
    if (isAtLeast(version, binary.versionMin)) return undefined;
    return `${file} is ${version}, older than ${binary.versionMin}`;
  } catch (error) {
    return `${file} does not run here: ${messageOf(error)}`;
  }
}
