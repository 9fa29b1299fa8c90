import { setTimeout as delay } from 'node:timers/promises';

declare global {
  /** The longest wait of a test, in milliseconds; set for each project in jest.config.mjs. */
  var WAIT_MS_MAX: number;
}

const POLL_MS = 5;

/**
 * Waits until a condition holds.
 * @throws Error with the condition's source when it does not hold within `WAIT_MS_MAX`
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
