import { readFileSync } from 'node:fs';
import process from 'node:process';

/**
 * Identifies a process, to tell it from a later one with the same id: on Linux by the time of its start, elsewhere only by
 * its existence.
 *
 * @param {number} pid
 * @returns {string | undefined} undefined if there is no such process, or only its zombie
 */
export function processIdentity(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH') return undefined;
  }
  if (process.platform !== 'linux') return 'alive';
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold anything: fields are counted from its end (state is the third).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/**
 * @param {number} pid
 * @returns {boolean}
 */
export function isAlive(pid) {
  return processIdentity(pid) !== undefined;
}

/**
 * @param {() => void} [onFirst] called for the first signal only: a terminal signals npm and this process at once, and
 *   npm forwards its signal
 * @returns {AbortController} aborted when this process is asked to end
 */
export function stopOnSignals(onFirst = () => undefined) {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (!stop.signal.aborted) onFirst();
      stop.abort();
    });
  }
  return stop;
}
