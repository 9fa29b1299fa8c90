import { type FlowMetrics, type OnlyInNats } from '@app/observability';
import { type ActivityStore, DISPATCH_GRACE_MS, type MongoLink } from '@app/persistence';
import { BUILD_FEATURES } from '@app/workflow-engine';
import { setTimeout as delay } from 'node:timers/promises';

/** The largest backlog that is reported: counting further would cost more than the number is worth. */
const BACKLOG_COUNTED_MAX = 100_000;

/** How long NATS may delay the report of MongoDB's counts, in milliseconds. */
const NATS_ANSWER_MS_MAX = 500;

/**
 * Reports open work: activities in MongoDB, and messages that only NATS holds, because an undelivered event waits as
 * well. Due times are compared with MongoDB's clock, as everywhere.
 */
export function reportOpenWork(
  metrics: FlowMetrics,
  store: Pick<ActivityStore, 'backlog' | 'dueSince' | 'countUnsupported'>,
  clock: Pick<MongoLink['clock'], 'now' | 'offsetMs'>,
  onlyInNats: (() => Promise<OnlyInNats>) | undefined,
  deliveryFeatures: readonly string[] = [],
): void {
  metrics.gauges.clockOffset(() => clock.offsetMs / 1000);
  const inNats = (): Promise<OnlyInNats | undefined> =>
    onlyInNats ? unlessLate(onlyInNats()) : Promise.resolve(undefined);
  metrics.gauges.backlog(async () => {
    const [recorded, waiting] = await Promise.allSettled([
      store.backlog({ countMax: BACKLOG_COUNTED_MAX, now: clock.now() }),
      inNats(),
    ]);
    const found = waiting.status === 'fulfilled' ? waiting.value : undefined;
    const ofNats = found && { only_in_nats: found.events };
    if (recorded.status === 'fulfilled') return { ...recorded.value, ...ofNats };
    if (ofNats === undefined) throw recorded.reason;
    return ofNats;
  });
  const features = [...BUILD_FEATURES, ...deliveryFeatures];
  metrics.gauges.lacking(() => store.countUnsupported(features, BACKLOG_COUNTED_MAX));
  metrics.gauges.overdue(async () => {
    const now = clock.now();
    const [since = now, found] = await Promise.all([store.dueSince(now), inNats()]);
    // A message that only NATS holds is due as late as an activity that was just recorded.
    const seconds = (found?.seconds ?? 0) - DISPATCH_GRACE_MS / 1000;
    return Math.max((now - since) / 1000, seconds, 0);
  });
  if (onlyInNats) metrics.gauges.onlyInNats(onlyInNats);
}

/** Without an answer of NATS the counts of MongoDB are reported alone. */
async function unlessLate(reading: Promise<OnlyInNats>): Promise<OnlyInNats | undefined> {
  const late = delay(NATS_ANSWER_MS_MAX, undefined, { ref: false });
  return Promise.race([reading.catch(() => undefined), late]);
}
