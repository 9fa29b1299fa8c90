import path from 'node:path';
import process from 'node:process';
import { tryLock } from '../project/process-lock.mjs';
import { projectRoot } from '../project/project-root.mjs';
import { say } from '../project/say.mjs';

const DEFAULT = '.data';
const STARTS_BESIDE_MAX = 20;

/**
 * @typedef {object} DataFolder
 * @property {string} folder
 * @property {() => void} release lets another process use the folder
 */

/**
 * Locks a folder for this system, because two systems in one folder would corrupt each other's data.
 *
 * @param {string | undefined} wanted relative to the folder in which `npm start` was called; undefined for the
 *   default, or the next free folder beside it
 * @returns {DataFolder}
 */
export function takeDataFolder(wanted) {
  if (wanted !== undefined) {
    const folder = path.resolve(process.env['INIT_CWD'] ?? process.cwd(), wanted);
    const answer = take(folder);
    if ('release' in answer) return answer;
    throw new Error(
      `${folder} is in use by the system that process ${answer.heldBy} has started. Stop that one, or name another folder with --data-dir.`,
    );
  }
  const usual = path.join(projectRoot, DEFAULT);
  const answer = take(usual);
  if ('release' in answer) return answer;
  for (let number = 2; number <= STARTS_BESIDE_MAX; number += 1) {
    const beside = take(path.join(usual, `beside-${number}`));
    if (!('release' in beside)) continue;
    say(
      `${DEFAULT} is in use by process ${answer.heldBy}: this one keeps its data in ${DEFAULT}/beside-${number}. Name a folder of your own with --data-dir.`,
    );
    return beside;
  }
  throw new Error(
    `${STARTS_BESIDE_MAX} systems run already. Stop one, or name a folder with --data-dir.`,
  );
}

/**
 * @param {string} folder
 * @returns {DataFolder | import('../project/process-lock.mjs').Holder}
 */
function take(folder) {
  const answer = tryLock(path.join(folder, 'lock'));
  return 'release' in answer ? { folder, release: answer.release } : answer;
}
