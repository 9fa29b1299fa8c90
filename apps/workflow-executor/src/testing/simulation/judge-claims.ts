import { type Activity } from '@app/persistence';
import { type SimulatedProcess } from './simulated-process.js';
import { type Trace } from './trace.js';

/**
 * Where nothing goes wrong: says it when a lease ran out. Whoever had it left without a word, or was not told of what
 * it waited for, and the run stood still until then.
 */
export function judgeClaims(
  { name }: SimulatedProcess,
  claimed: readonly Pick<Activity, 'id' | 'takeovers'>[],
  trace: Trace,
): void {
  for (const { id, takeovers = 0 } of claimed)
    if (takeovers > 0)
      trace.violation(`${id.slice(0, 6)} has a lease that ran out, and ${name} finds it`);
}
