import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

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
  const deadline = Date.now() + timeoutMs;
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
    if (Date.now() > deadline) {
      throw new Error(`Waited ${timeoutMs / 1000} s for ${what}, in vain`, { cause });
    }
    await delay(POLL_MS);
  }
}
