import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/**
 * Ends the processes that this one started, even if this one is killed.
 *
 * The processes run in sessions of their own. Otherwise a Ctrl-C in the terminal would reach all of them at once, in no
 * order. The supervisor is a small process that reads process ids from a pipe. The pipe ends when this process ends, in
 * whatever way, and then the supervisor ends the others.
 */

const SUPERVISOR = fileURLToPath(new URL('supervisor-process.mjs', import.meta.url));

/** @type {import('node:child_process').ChildProcess | undefined} */
let supervisor;

/** @type {Set<number>} */
const held = new Set();

/** @param {number} pid */
export function supervise(pid) {
  held.add(pid);
  tellSupervisor(`+${pid}`);
}

/**
 * To be called when the process has ended, because its id may soon belong to another process.
 *
 * @param {number} pid
 * @returns {Promise<void>} after the last supervised process, when the supervisor has ended
 */
export async function endSupervision(pid) {
  if (!held.delete(pid)) return;
  tellSupervisor(`-${pid}`);
  if (held.size > 0) return;
  const ended = supervisor;
  supervisor = undefined;
  if (!ended || ended.exitCode !== null) return;
  await new Promise((resolve) => {
    ended.ref();
    ended.once('exit', resolve);
    ended.stdin?.end();
  });
}

/** @param {string} line */
function tellSupervisor(line) {
  supervisor ??= startSupervisor();
  supervisor.stdin?.write(`${line}\n`);
}

function startSupervisor() {
  const child = spawn(process.execPath, [SUPERVISOR], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  // A pipe to a child is a socket, which would keep this process running.
  /** @type {import('node:net').Socket} */ (child.stdin).unref();
  // If the supervisor was killed, a write fails. Then this process ends its children itself, as far as it can.
  child.stdin.on('error', () => undefined);
  return child;
}
