/** @typedef {import('./restartable-server.mjs').RestartableServer | undefined} Server */

/**
 * Starts servers all at once, because they need each other, or nothing of each other. If one fails, the others are
 * given up, and none is left running.
 *
 * @template {readonly ((stop: AbortSignal) => Promise<Server>)[]} Starters
 * @param {Starters} starters each starts one, or none, and gives up when it is told to stop
 * @param {AbortSignal} [signal] gives up all of them
 * @returns {Promise<{ readonly [At in keyof Starters]: Awaited<ReturnType<Starters[At]>> }>} in the order of
 *   the starters; rejects with what failed first
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
