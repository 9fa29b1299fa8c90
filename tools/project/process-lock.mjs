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
 * A file that says which process has something for itself. A lock whose process is gone counts for
 * nothing, so a crash never leaves one that a person must remove.
 *
 * @typedef {object} ProcessLock
 * @property {() => void} release
 *
 * @typedef {object} Holder
 * @property {number} heldBy the process that has the lock
 */

/** Taking over a dead process's lock is a handful of synchronous calls: longer means it crashed there. */
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
 * Does something that only one process may do at a time; the others wait.
 *
 * @template T
 * @param {string} file
 * @param {string} what ends the sentence "waiting for process 7, which …"
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
 * A link appears with its content at once: nobody ever reads half a lock.
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
 * @returns {number | undefined} undefined when who wrote it is gone
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
 * Two processes may see the same dead holder: the folder lets only one of them replace the file, and
 * that one looks again once it is alone.
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
