/**
 * Starts servers that need each other, all at once. If one fails, none is left running.
 *
 * @param {readonly (() => Promise<import('./restartable-server.mjs').RestartableServer>)[]} starters
 * @returns {Promise<readonly import('./restartable-server.mjs').RestartableServer[]>} in the order of
 *   the starters; rejects with the first failure
 */
export async function startTogether(starters) {
  const starts = await Promise.allSettled(starters.map((start) => start()));
  const servers = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const failed = starts.find((start) => start.status === 'rejected');
  if (!failed) return servers;
  for (const server of servers) await server.stop();
  throw failed.reason;
}
