import { type NatsLink } from '@app/messaging';
import { type HealthRegistry, type Log } from '@app/observability';
import { type MongoLink } from '@app/persistence';

/** What the connection to a store says of itself; `since` is in milliseconds since 1970. */
export interface LinkState {
  readonly available: boolean;
  readonly since: number;
  readonly reason?: string;
}

/** The lines of one outage, at most: reasons may change with each attempt. */
const REASONS_LOGGED_MAX = 3;

/** `GET /health/ready` and the log tell of MongoDB; `need` is what the app can't do without it. */
export function watchMongo(health: HealthRegistry, link: MongoLink, log: Log, need: string): void {
  health.register({ name: 'mongodb', check: () => dependencyState(link.state) }, need);
  const tell = outageLines('MongoDB', log);
  link.onState(tell);
}

/** The same for NATS; without a `need` the app only does worse while it is gone. */
export function watchNats(health: HealthRegistry, link: NatsLink, log: Log, need?: string): void {
  health.register({ name: 'nats', check: () => dependencyState(link.state) }, need);
  link.onChange(outageLines('NATS', log));
}

/**
 * Makes of each change of a link the lines that an operator looks for: that the store is gone and why,
 * each further reason once (a refused password is found at the next attempt), and its return.
 */
export function outageLines(store: string, log: Log): (state: LinkState) => void {
  const reasons = new Set<string>();
  let wasAvailable = false;
  let goneSince = Date.now();
  return ({ available, since, reason = 'unknown' }) => {
    if (available) {
      log.info({ goneMs: since - goneSince }, `${store} is available`);
      reasons.clear();
    } else if (!reasons.has(reason) && reasons.size < REASONS_LOGGED_MAX) {
      const message = reasons.size === 0 ? 'is not available' : 'is still not available';
      log.warn({ reason }, `${store} ${message}`);
      reasons.add(reason);
    }
    if (wasAvailable && !available) goneSince = since;
    wasAvailable = available;
  };
}

function dependencyState({ available, since, reason }: LinkState): {
  state: 'up' | 'down';
  since: number;
  detail?: string;
} {
  const state = available ? 'up' : 'down';
  return reason === undefined ? { state, since } : { state, since, detail: reason };
}
