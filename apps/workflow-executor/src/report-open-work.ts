import { type FlowMetrics, type OnlyInNats } from '@app/observability';
import { type ActivityStore, DISPATCH_GRACE_MS, type MongoLink } from '@app/persistence';
import { BUILD_FEATURES } from '@app/workflow-engine';
import { setTimeout as delay } from 'node:timers/promises';

/** Beyond this the backlog is reported as this many: counting further would cost more than it tells. */
const BACKLOG_COUNTED_MAX = 100_000;

/** How long NATS may keep those waiting who ask for what MongoDB knows, in milliseconds. */
const NATS_ANSWER_MS_MAX = 500;

/**
 * Reports what is not done: what MongoDB has on record and what only NATS holds, because an event that
 * no consumer delivers waits as well as one that no executor takes up. What is due is so by MongoDB's
 * clock, as everywhere.
 */
export function reportOpenWork(
  metrics: FlowMetrics,
  store: Pick<ActivityStore, 'backlog' | 'dueSince' | 'lacking'>,
  clock: Pick<MongoLink['clock'], 'now' | 'offsetMs'>,
  onlyInNats: (() => Promise<OnlyInNats>) | undefined,
  deliveryFeatures: readonly string[] = [],
): void {
  metrics.reportClockOffset(() => clock.offsetMs / 1000);
  const inNats = (): Promise<OnlyInNats | undefined> =>
    onlyInNats ? unlessLate(onlyInNats()) : Promise.resolve(undefined);
  metrics.reportBacklog(async () => {
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
  metrics.reportLacking(() => store.lacking(features, BACKLOG_COUNTED_MAX));
  metrics.reportOverdue(async () => {
    const now = clock.now();
    const [since = now, found] = await Promise.all([store.dueSince(now), inNats()]);
    // What is only in NATS is due as late as what was just recorded: before that nobody is late.
    const seconds = (found?.seconds ?? 0) - DISPATCH_GRACE_MS / 1000;
    return Math.max((now - since) / 1000, seconds, 0);
  });
  if (onlyInNats) metrics.reportOnlyInNats(onlyInNats);
}

/** NATS that does not answer takes nothing away from what MongoDB tells. */
async function unlessLate(reading: Promise<OnlyInNats>): Promise<OnlyInNats | undefined> {
  const late = delay(NATS_ANSWER_MS_MAX, undefined, { ref: false });
  return Promise.race([reading.catch(() => undefined), late]);
}
