import { randomInt } from 'node:crypto';
import { env } from 'node:process';

/** What one run is like. The same seed deals the same mischief in the same order. */
export interface ChaosSettings {
  readonly seed: number;
  /** Events are sent for so long, and until each mischief was done once. */
  readonly loadMs: number;
  /** Three mongods and three nats-servers instead of one of each. */
  readonly cluster: boolean;
}

const SHORT_LOAD_MS = 40_000;
const MINUTE_MS = 60_000;

/** The short form, unless `npm run chaos` asks for something else. */
export function chaosSettings(): ChaosSettings {
  const { CHAOS_SEED: seed, CHAOS_MINUTES: minutes, CHAOS_CLUSTER: cluster } = env;
  return {
    seed: seed === undefined ? randomInt(1_000_000) : Number(seed),
    loadMs: minutes === undefined ? SHORT_LOAD_MS : Number(minutes) * MINUTE_MS,
    cluster: cluster === 'true',
  };
}
