import { waitFor } from '../project/wait-for.mjs';

const READY_MS_MAX = 60_000;

/**
 * Waits until a started server is ready. If it ends first or takes too long, it is stopped, and the error has its last
 * output.
 *
 * @template T
 * @param {import('./server-process.mjs').ServerProcess} server
 * @param {() => Promise<T | undefined>} check
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 * @throws {import('./errors.mjs').ServerFailedError}
 */
export async function untilReady(server, check, signal) {
  const givenUp = new AbortController();
  const stop = AbortSignal.any([givenUp.signal, ...(signal ? [signal] : [])]);
  const early = server.ended.then((how) => {
    throw server.failure(how);
  });
  const ready = waitFor('it to get ready', check, { timeoutMs: READY_MS_MAX, signal: stop });
  try {
    return await Promise.race([early, ready]);
  } catch (error) {
    givenUp.abort();
    await Promise.allSettled([ready, server.stop()]);
    signal?.throwIfAborted();
    if (error instanceof Error && error.name === 'ServerFailedError') throw error;
    throw server.failure(`did not get ready (${error instanceof Error ? error.message : ''})`);
  }
}
