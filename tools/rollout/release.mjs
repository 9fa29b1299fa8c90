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
 * Builds an earlier release in a work tree of its own.
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
  const inside = path.relative(projectRoot, builtApp('listener'));
  if (!existsSync(path.join(folder, inside))) throw new Error(`${name} builds no ${inside}`);
  return {
    name,
    program: (app) => path.join(folder, path.relative(projectRoot, builtApp(app))),
  };
}

/**
 * Its dependencies are tens of thousands of files: `git worktree remove` would run into the time limit of a command.
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
