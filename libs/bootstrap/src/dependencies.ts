import { type NatsLink } from '@app/messaging';
import { type HealthRegistry } from '@app/observability';
import { type MongoLink } from '@app/persistence';

/** `GET /health/ready` tells of MongoDB; `need` is what the app can't do without it, if anything. */
export function watchMongo(health: HealthRegistry, link: MongoLink, need: string): void {
  const check = () => ({
    state: link.available ? ('up' as const) : ('down' as const),
    since: link.since,
  });
  health.register({ name: 'mongodb', check }, need);
}

/** The same for NATS. */
export function watchNats(health: HealthRegistry, link: NatsLink, need?: string): void {
  const check = () => {
    const { available, since, reason } = link.state;
    const state = available ? ('up' as const) : ('down' as const);
    return reason === undefined ? { state, since } : { state, since, detail: reason };
  };
  health.register({ name: 'nats', check }, need);
}
