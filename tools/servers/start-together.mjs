/** @typedef {import('./restartable-server.mjs').RestartableServer | undefined} Server */

/**
 * Starts servers at the same time. If one fails, the starts of the others are aborted, and those that run are
 * stopped.
 *
 * @template {readonly ((stop: AbortSignal) => Promise<Server>)[]} Starters
 * @param {Starters} starters each starts one server or none, and ends when its signal is aborted
 * @param {AbortSignal} [signal] aborts all starts
 * @returns {Promise<{ readonly [At in keyof Starters]: Awaited<ReturnType<Starters[At]>> }>} in the order of
 *   the starters; rejects with the first error
 */
export async function startTogether(starters, signal) {
  const givenUp = new AbortController();
  const stop = AbortSignal.any([givenUp.signal, ...(signal ? [signal] : [])]);
  /** @type {{ reason: unknown } | undefined} */
  let failed;
  const starts = starters.map((start) =>
    start(stop).catch((/** @type {unknown} */ reason) => {
      failed ??= { reason };
      givenUp.abort();
      return undefined;
    }),
  );
  const servers = await Promise.all(starts);
  if (failed === undefined) {
    return /** @type {{ readonly [At in keyof Starters]: Awaited<ReturnType<Starters[At]>> }} */ (
      /** @type {unknown} */ (servers)
    );
  }
  for (const server of servers) await server?.stop();
  throw failed.reason;
}
