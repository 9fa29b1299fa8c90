import process from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '../project/process-life.mjs';

/**
 * The supervisor's process. It reads `+<pid>` and `-<pid>` until the pipe ends. Then it ends the supervised processes that
 * are left, in the reverse order.
 */

const GRACE_MS = 5_000;

/** @type {Set<number>} */
const pids = new Set();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1));
  if (line.startsWith('+')) pids.add(pid);
  else pids.delete(pid);
}
for (const pid of [...pids].reverse()) await end(pid);

/** @param {number} pid */
async function end(pid) {
  // A paused process does not handle SIGTERM, so it is continued first.
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGCONT'])) signalTo(pid, signal);
  const deadline = Date.now() + GRACE_MS;
  while (isAlive(pid) && Date.now() < deadline) await delay(20);
  signalTo(pid, 'SIGKILL');
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function signalTo(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // The process has ended meanwhile.
  }
}
