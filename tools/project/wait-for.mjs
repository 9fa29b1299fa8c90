import { setTimeout as delay } from 'node:timers/promises';

/** The bounds of the pause between two checks, which is a twentieth of the time waited so far; in milliseconds. */
const POLL_MS_MIN = 20;
const POLL_MS_MAX = 250;

/**
 * Repeats a check until it returns a value. A check that throws is repeated, too; the error of the last one is the reason
 * of the timeout.
 *
 * @template T
 * @param {string} what completes the sentence "waited 60 s for …"
 * @param {() => Promise<T | undefined> | T | undefined} check
 * @param {{ timeoutMs?: number, pauseMsMax?: number, signal?: AbortSignal | undefined }} [options]
 * @returns {Promise<T>}
 */
export async function waitFor(what, check, options = {}) {
  const { timeoutMs = 60_000, pauseMsMax = POLL_MS_MAX, signal } = options;
  const since = Date.now();
  for (;;) {
    signal?.throwIfAborted();
    /** @type {unknown} */
    let cause;
    try {
      const answer = await check();
      if (answer !== undefined) return answer;
    } catch (error) {
      cause = error;
    }
    const waitedMs = Date.now() - since;
    if (waitedMs > timeoutMs) {
      throw new Error(`Waited ${timeoutMs / 1000} s for ${what}, in vain`, { cause });
    }
    await delay(Math.min(Math.max(waitedMs / 20, POLL_MS_MIN), pauseMsMax));
  }
}
