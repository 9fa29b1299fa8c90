import process from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '../project/process-life.mjs';

/**
 * The supervisor's own process: reads `+<pid>` and `-<pid>` until the pipe ends, then ends, in the
 * reverse order, whatever is still supervised.
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
  // A paused process would not notice that it is asked to end.
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
    // It has ended meanwhile, which is what was wanted.
  }
}
