import { ActivityNotices } from '@app/messaging';
import { type Log } from '@app/observability';
import { ActivityStore } from '@app/persistence';
import { type Provider } from '@nestjs/common';
import { WorkflowExecutorConfig } from '../../workflow-executor.config.js';
import { ActiveRuns } from '../driving/active-runs.js';
import { InboxWatch } from './inbox-watch.js';
import { RunStarter } from '../starting/run-starter.js';
import { RelativesHere } from './relatives-here.js';
import { SignalDelivery } from './signal-delivery.js';
import { SignalOffers } from './signal-offers.js';

/** Provides the services that deliver signals to activities. */
export function signalProviders(log: Log): readonly Provider[] {
  return [
    {
      provide: InboxWatch,
      inject: [WorkflowExecutorConfig, ActivityStore, ActiveRuns, ActivityNotices, SignalDelivery],
      useFactory: (
        config: WorkflowExecutorConfig,
        store: ActivityStore,
        runs: ActiveRuns,
        notices: ActivityNotices,
        delivery: SignalDelivery,
      ) => new InboxWatch(store, runs, notices, delivery, config.SIGNAL_LOOK_MS),
    },
    {
      provide: SignalOffers,
      inject: [ActivityStore, ActiveRuns, RunStarter],
      useFactory: (store: ActivityStore, runs: ActiveRuns, starter: RunStarter) =>
        new SignalOffers(store, runs, starter),
    },
    {
      provide: RelativesHere,
      inject: [ActiveRuns, RunStarter, SignalDelivery],
      useFactory: (runs: ActiveRuns, starter: RunStarter, signals: SignalDelivery) =>
        new RelativesHere(runs, starter, signals, log),
    },
    {
      provide: SignalDelivery,
      inject: [WorkflowExecutorConfig, ActivityNotices, ActiveRuns, ActivityStore, RunStarter],
      useFactory: (
        config: WorkflowExecutorConfig,
        notices: ActivityNotices,
        runs: ActiveRuns,
        store: ActivityStore,
        starter: RunStarter,
      ) => {
        const settings = {
          deliveriesMax: config.SIGNALS_IN_FLIGHT_MAX,
          waitingMax: config.SIGNALS_WAITING_MAX,
        };
        return new SignalDelivery(notices, runs, store, starter, settings, log);
      },
    },
  ];
}
