import { WorkflowAccess } from '@app/auth';
import { type Dispatcher } from '@app/messaging';
import { ActivityStore, EventMatcher, MongoLink, WorkflowCache } from '@app/persistence';
import { type Provider } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { AwaitedTopics } from './acceptance/awaited-topics.js';
import { EventWaits } from './acceptance/event-waits.js';
import { DecisionLog } from './decisions/decision-log.js';
import { type IngressLimits } from './ingress/bounds/ingress-limits.js';
import { CallbackReception } from './ingress/callbacks/callback-reception.js';
import { EventsForRuns } from './ingress/events/events-for-runs.js';
import { ListenerConfig } from './listener.config.js';

/** Provides the services that deliver events to waiting runs. */
export function waitingRunProviders(dispatcher: Dispatcher, limits: symbol): readonly Provider[] {
  return [
    {
      provide: EventWaits,
      inject: [EventMatcher, ActivityStore, MongoLink, DecisionLog],
      useFactory: (
        matcher: EventMatcher,
        store: ActivityStore,
        { clock }: MongoLink,
        decisions: DecisionLog,
      ) =>
        new EventWaits({
          ...{ matcher, store, dispatcher, decisions },
          clock: clock.now,
          random: randomUUID,
        }),
    },
    {
      provide: EventsForRuns,
      inject: [ListenerConfig, EventWaits, ActivityStore, WorkflowCache],
      useFactory: (
        { CALLBACK_BYTES_MAX }: ListenerConfig,
        waits: EventWaits,
        store: ActivityStore,
        workflows: WorkflowCache,
      ) => new EventsForRuns(waits, store, new AwaitedTopics(workflows), CALLBACK_BYTES_MAX),
    },
    {
      provide: CallbackReception,
      inject: [ListenerConfig, WorkflowAccess, ActivityStore, EventWaits, limits],
      useFactory: (
        { CALLBACK_BYTES_MAX: callbackBytesMax }: ListenerConfig,
        access: WorkflowAccess,
        store: ActivityStore,
        waits: EventWaits,
        ingress: IngressLimits,
      ) =>
        new CallbackReception({ access, store, waits, limits: { ...ingress, callbackBytesMax } }),
    },
  ];
}
