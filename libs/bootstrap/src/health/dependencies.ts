import { type NatsLink } from '@app/messaging';
import { type Log } from '@app/observability';
import { type HealthRegistry } from './health-registry.js';
import { type MongoLink, type SchemaMigrator } from '@app/persistence';

/** The state of the connection to a store; `since` is in milliseconds since 1970. */
export interface LinkState {
  readonly available: boolean;
  readonly since: number;
  readonly reason?: string;
}

/** Log lines of one outage, at most: the reason may change with each attempt. */
const REASONS_LOGGED_MAX = 3;

/** Reports MongoDB in `GET /health/ready` and the log; `need` is what the app can't do without it. */
export function watchMongo(health: HealthRegistry, link: MongoLink, log: Log, need: string): void {
  health.register({ name: 'mongodb', check: () => dependencyState(link.state) }, need);
  const tell = outageLines('MongoDB', log);
  link.onState(tell);
}

/** The same for NATS; without a `need` the app stays ready while NATS is gone. */
export function watchNats(health: HealthRegistry, link: NatsLink, log: Log, need?: string): void {
  health.register({ name: 'nats', check: () => dependencyState(link.state) }, need);
  link.onChange(outageLines('NATS', log));
}

/**
 * Reports in `GET /health/ready` whether JetStream delivers what it holds: NATS may be up and a consumer not know of
 * its messages.
 */
export function watchConsumers(
  health: HealthRegistry,
  server: { readonly trouble: { readonly since: number; readonly reason: string } | undefined },
): void {
  const upSince = Date.now();
  const check = (): ReturnType<typeof dependencyState> => {
    const { trouble } = server;
    return dependencyState({
      available: trouble === undefined,
      since: upSince,
      ...trouble,
    });
  };
  health.register({ name: 'jetstream', check });
}

/**
 * Logs each change of a link: that the store is gone and why, each further reason once (a refused password shows at
 * the next attempt), and its return.
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

/**
 * After this time the process becomes ready although the migration goes on: meanwhile answers are slow, and none is
 * wrong.
 */
const SCHEMA_WAIT_MS_MAX = 5 * 60_000;

/** Not ready before the database is migrated, for at most this time. */
export function watchSchema(health: HealthRegistry, schema: SchemaMigrator, link: MongoLink): void {
  const startedAt = Date.now();
  const check = () => {
    const since = schema.since;
    // Without MongoDB it is not known whether a migration is needed, and MongoDB's own entry says that it is gone.
    if (schema.done || !link.available) return { state: 'up' as const, since };
    const late = Date.now() - startedAt > SCHEMA_WAIT_MS_MAX;
    const detail = 'the database is being migrated, by this process or another';
    return { state: late ? ('up' as const) : ('down' as const), since, detail };
  };
  health.register({ name: 'schema', check }, 'a database of this version');
}
