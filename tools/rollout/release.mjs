import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { builtApp, ensureBuild } from '../project/build.mjs';
import { projectRoot } from '../project/project-root.mjs';
import { readCommand, runCommand } from '../project/run-command.mjs';
import { say } from '../project/say.mjs';

/**
 * Compiled apps of one release.
 *
 * @typedef {object} Release
 * @property {string} name
 * @property {(app: import('../project/build.mjs').App) => string} program
 */

/** @returns {Promise<Release>} of the code that is checked out here */
export async function thisRelease() {
  await ensureBuild();
  return { name: 'this one', program: builtApp };
}

/**
 * Builds an earlier release in a separate work tree.
 *
 * @param {string} commit
 * @param {string} folder of the work tree; it must not exist
 * @returns {Promise<Release>}
 */
export async function earlierRelease(commit, folder) {
  const name = (await git('rev-parse', '--short', `${commit}^{commit}`)).trim();
  say(`Building ${name} ...`);
  await git('worktree', 'add', '--detach', folder, name);
  await runCommand('npm', ['ci', '--silent', '--no-audit', '--no-fund'], { cwd: folder });
  await runCommand('npm', ['run', '--silent', 'build'], { cwd: folder });
  return builtRelease(name, folder);
}

/**
 * An earlier release that was built before.
 *
 * @param {string} name
 * @param {string} folder where it is checked out
 * @returns {Release}
 */
export function builtRelease(name, folder) {
  /** @param {import('../project/build.mjs').App} app */
  const program = (app) => {
    const found = programsIn(folder, app).find((file) => existsSync(file));
    if (found === undefined)
      throw new Error(`${name} builds no program of ${app} that is known here`);
    return found;
  };
  return { name, program };
}

/**
 * @param {string} folder of the release
 * @param {import('../project/build.mjs').App} app
 * @returns {string[]} the paths where releases have their main file
 */
function programsIn(folder, app) {
  return [
    path.join(folder, path.relative(projectRoot, builtApp(app))),
    path.join(folder, 'dist/apps', app, 'apps', app, 'src/main.js'),
  ];
}

/**
 * Removes a work tree. `git worktree remove` would exceed the time limit of a command, because the dependencies are tens
 * of thousands of files.
 *
 * @param {string} folder
 */
export async function removeRelease(folder) {
  await rm(folder, { recursive: true, force: true });
  await git('worktree', 'prune');
}

/** @param {string[]} args */
function git(...args) {
  return readCommand('git', ['-C', projectRoot, ...args]);
}
