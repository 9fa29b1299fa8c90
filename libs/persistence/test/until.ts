import { setTimeout as delay } from 'node:timers/promises';

const WAIT_MS_MAX = 50_000;

/** Waits for a condition, but not for ever: a wait in vain would keep the whole run from ending. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + WAIT_MS_MAX;
  while (!(await condition())) {
    if (performance.now() > end)
      throw new Error(`In vain for ${WAIT_MS_MAX} ms: ${String(condition)}`);
    await delay(10);
  }
}
