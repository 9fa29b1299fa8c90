import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/**
 * Ends the processes that this one started, even if this one is killed and can end nothing itself.
 *
 * They run in sessions of their own, because a Ctrl-C in the terminal would otherwise reach all of
 * them at once, in no order. So somebody must see to it that they don't outlive us: a small process
 * that reads process ids from a pipe, which ends when we do, however we end.
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
 * To be called when the process has ended: its id may soon belong to another.
 *
 * @param {number} pid
 * @returns {Promise<void>} when the last one is gone, so is the supervisor
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
  // A pipe to a child is a socket; it must not keep this process running either.
  /** @type {import('node:net').Socket} */ (child.stdin).unref();
  // If the supervisor was killed, writing to it fails: we then end what we started as far as we can.
  child.stdin.on('error', () => undefined);
  return child;
}
