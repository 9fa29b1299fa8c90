import { setTimeout as delay } from 'node:timers/promises';

/** Between two checks: a twentieth of the time that it has waited, within these bounds. */
const POLL_MS_MIN = 20;
const POLL_MS_MAX = 250;

/**
 * Asks again and again until the answer is something. A check that throws is asked again too; the
 * error of the last one says why the time ran out.
 *
 * @template T
 * @param {string} what ends the sentence "waited 60 s for …"
 * @param {() => Promise<T | undefined> | T | undefined} check
 * @param {{ timeoutMs?: number, signal?: AbortSignal | undefined }} [options]
 * @returns {Promise<T>}
 */
export async function waitFor(what, check, { timeoutMs = 60_000, signal } = {}) {
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
    await delay(Math.min(Math.max(waitedMs / 20, POLL_MS_MIN), POLL_MS_MAX));
  }
}
