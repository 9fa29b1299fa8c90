import { setTimeout as delay } from 'node:timers/promises';

declare global {
  /** How long a test waits for anything, in milliseconds; of the project in jest.config.mjs. */
  var WAIT_MS_MAX: number;
}

const POLL_MS = 5;

/**
 * Waits for a condition, but not for ever: a wait in vain says what it waited for, and keeps no run of
 * tests from ending.
 */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + globalThis.WAIT_MS_MAX;
  while (!(await condition())) {
    if (performance.now() > end) {
      throw new Error(`In vain for ${globalThis.WAIT_MS_MAX} ms: ${String(condition)}`);
    }
    await delay(POLL_MS);
  }
}
