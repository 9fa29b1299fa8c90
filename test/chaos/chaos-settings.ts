import { randomInt } from 'node:crypto';
import { env } from 'node:process';

/** A stream of JetStream: what is wiped, and whose leader is killed and paused. */
export const LANES = ['dispatches', 'events', 'signals'] as const;
export type Lane = (typeof LANES)[number];

/** What one run is like. The same seed deals the same faults in the same order. */
export interface ChaosSettings {
  readonly seed: number;
  /** Events are sent for so long, and until each fault was done once. */
  readonly loadMs: number;
  /** Three mongods and three nats-servers instead of one of each. */
  readonly cluster: boolean;
  /** The lane that is robbed; undefined robs all of them at once. */
  readonly lane: Lane | undefined;
}

/** With the start, and the wait for what got lost on its way, some two minutes. */
const SHORT_LOAD_MS = 60_000;
const MINUTE_MS = 60_000;

/** The short form, unless `npm run chaos` asks for something else. */
export function chaosSettings(): ChaosSettings {
  const { CHAOS_SEED: seed, CHAOS_MINUTES: minutes, CHAOS_CLUSTER: cluster } = env;
  const lane = LANES.find((one) => one === env['CHAOS_LANE']);
  return {
    seed: seed === undefined ? randomInt(1_000_000) : Number(seed),
    loadMs: minutes === undefined ? SHORT_LOAD_MS : Number(minutes) * MINUTE_MS,
    cluster: cluster === 'true',
    lane,
  };
}

/** The command that does the same once more. */
export function again({ seed, loadMs, cluster, lane }: ChaosSettings): string {
  const minutes = Number((loadMs / MINUTE_MS).toFixed(2));
  return `npm run chaos -- --minutes ${minutes} --seed ${seed}${cluster ? ' --cluster' : ''}${lane ? ` --lane ${lane}` : ''}`;
}
