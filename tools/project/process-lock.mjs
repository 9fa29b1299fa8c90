import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { processIdentity } from './process-life.mjs';
import { readJson } from './read-json.mjs';
import { say } from './say.mjs';
import { waitFor } from './wait-for.mjs';

/**
 * A lock file that names the process which holds it. A lock of a dead process is ignored, so nobody has to remove a lock
 * by hand after a crash.
 *
 * @typedef {object} ProcessLock
 * @property {() => void} release
 *
 * @typedef {object} Holder
 * @property {number} heldBy the id of the process that holds the lock
 */

/** A process that takes over a dead lock does so in a few synchronous calls. If it takes longer, it has crashed. */
const TAKEOVER_MS_MAX = 5_000;

/**
 * @param {string} file
 * @returns {ProcessLock | Holder}
 */
export function tryLock(file) {
  mkdirSync(path.dirname(file), { recursive: true });
  const mine = JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid) });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, mine);
  try {
    while (!create(draft, file)) {
      const heldBy = holderOf(file);
      if (heldBy !== undefined) return { heldBy };
      if (takeOver(draft, file)) break;
    }
    return {
      release: () => {
        release(file, mine);
      },
    };
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Runs `work` while holding the lock; other processes wait.
 *
 * @template T
 * @param {string} file
 * @param {string} what completes the sentence "waiting for process 7, which …"
 * @param {() => Promise<T>} work
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export async function withLock(file, what, work, signal) {
  let told = false;
  const lock = await waitFor(
    `the lock ${file}`,
    () => {
      const answer = tryLock(file);
      if ('release' in answer) return answer;
      if (!told) say(`Waiting for process ${answer.heldBy}, which ${what} ...`);
      told = true;
      return undefined;
    },
    { timeoutMs: 20 * 60_000, signal },
  );
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/**
 * Creates the lock by a hard link, which appears together with its content: no process reads an incomplete lock.
 *
 * @param {string} draft
 * @param {string} file
 * @returns {boolean} false if the file exists
 */
function create(draft, file) {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/**
 * @param {string} file
 * @returns {number | undefined} the id of the holder; undefined if that process has ended
 */
function holderOf(file) {
  try {
    const { pid, identity } = /** @type {{ pid: number, identity: string }} */ (readJson(file));
    return processIdentity(pid) === identity ? pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Replaces the lock of a dead process. Two processes may see the same dead holder; a guard folder lets only one of them
 * replace the file, after it has checked again.
 *
 * @param {string} draft
 * @param {string} file
 * @returns {boolean} false if another was faster
 */
function takeOver(draft, file) {
  const guard = `${file}.takeover`;
  try {
    mkdirSync(guard);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    removeIfAbandoned(guard);
    return false;
  }
  try {
    if (holderOf(file) !== undefined) return false;
    renameSync(draft, file);
    return true;
  } finally {
    rmdirSync(guard);
  }
}

/** @param {string} guard */
function removeIfAbandoned(guard) {
  const made = statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  if (Date.now() - made > TAKEOVER_MS_MAX) rmSync(guard, { recursive: true, force: true });
}

/**
 * @param {string} file
 * @param {string} mine
 */
function release(file, mine) {
  try {
    if (readFileSync(file, 'utf8') === mine) rmSync(file);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

/**
 * @param {unknown} error
 * @param {string} code
 * @returns {boolean}
 */
function hasCode(error, code) {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
