import { type RestartableServer } from '../../tools/servers/restartable-server.mjs';

type Start = () => Promise<RestartableServer>;
type OneOrMore<T> = readonly [T, ...T[]];

/**
 * Servers that do not need each other, all at once; in `started` are then those that run, in the order
 * of the starts, even if another of them fails.
 *
 * @throws the first failure, when all have been tried
 */
export async function startTogether(
  starts: OneOrMore<Start>,
  started: RestartableServer[],
): Promise<OneOrMore<RestartableServer>> {
  const settled = await Promise.allSettled(starts.map((start) => start()));
  for (const one of settled) if (one.status === 'fulfilled') started.push(one.value);
  const [first, ...others] = settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  if (!first) throw new Error('There is nothing to start');
  return [first, ...others];
}
