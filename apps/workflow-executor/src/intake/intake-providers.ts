import { WorkflowAccess } from '@app/auth';
import { jsonLimits } from '@app/bootstrap';
import { CompiledFilters, filterLimits } from '@app/filters';
import { ActivityNotices, type BatchSplitter, TaskPublisher } from '@app/messaging';
import { type FlowMetrics, type Log } from '@app/observability';
import { ActivityStore, MongoLink, RunQuotas } from '@app/persistence';
import { SigningKeys } from '@app/signing';
import { type Provider } from '@nestjs/common';
import { ActiveRuns } from '../runs/driving/active-runs.js';
import { SignalDelivery } from '../runs/signals/signal-delivery.js';
import { SignalOffers } from '../runs/signals/signal-offers.js';
import { RunStarter } from '../runs/starting/run-starter.js';
import { WorkflowExecutorConfig } from '../workflow-executor.config.js';
import { BatchIntake } from './batch-intake.js';
import { DirectEvents } from './direct-events.js';
import { DispatchReader } from './dispatch-bodies.js';
import { DispatchIntake } from './dispatch-intake.js';
import { ExhaustedTasks } from './exhausted-tasks.js';
import { NotificationIntake } from './notification-intake.js';
import { WorkerAnswers } from './worker-answers.js';

/** Provides what takes messages and internal requests. */
export function intakeProviders(metrics: FlowMetrics, log: Log): readonly Provider[] {
  return [
    directEventsProvider(metrics),
    {
      provide: NotificationIntake,
      inject: [ActivityStore, RunStarter, ActiveRuns, ActivityNotices],
      useFactory: (
        store: ActivityStore,
        starter: RunStarter,
        runs: ActiveRuns,
        notices: ActivityNotices,
      ) => new NotificationIntake(store, starter, runs, notices),
    },
    {
      provide: DispatchIntake,
      inject: [DirectEvents, NotificationIntake, ActivityStore, RunStarter, MongoLink],
      useFactory: (
        direct: DirectEvents,
        notifications: NotificationIntake,
        store: ActivityStore,
        starter: RunStarter,
        { clock }: MongoLink,
      ) => new DispatchIntake(direct, notifications, store, starter, clock.now, metrics, log),
    },
    {
      provide: WorkerAnswers,
      inject: [ActivityStore, SignalDelivery, SignalOffers],
      useFactory: (store: ActivityStore, delivery: SignalDelivery, offers: SignalOffers) =>
        new WorkerAnswers(store, delivery, offers),
    },
    {
      provide: DispatchReader,
      inject: [WorkflowExecutorConfig, SigningKeys],
      useFactory: (config: WorkflowExecutorConfig, keys: SigningKeys) =>
        new DispatchReader(keys, jsonLimits(config)),
    },
  ];
}

function directEventsProvider(metrics: FlowMetrics): Provider {
  return {
    provide: DirectEvents,
    inject: [WorkflowExecutorConfig, WorkflowAccess, ActivityStore, RunQuotas, MongoLink],
    useFactory: (
      config: WorkflowExecutorConfig,
      access: WorkflowAccess,
      store: ActivityStore,
      quotas: RunQuotas,
      { clock }: MongoLink,
    ) => {
      const filters = new CompiledFilters(filterLimits(config));
      return new DirectEvents(access, store, quotas, clock.now, metrics, filters);
    },
  };
}

/** Provides what takes messages of many dispatches. */
export function batchProvider(splitter: BatchSplitter): Provider {
  return {
    provide: BatchIntake,
    inject: [DispatchIntake],
    useFactory: (intake: DispatchIntake) => new BatchIntake(intake, splitter),
  };
}

/** Provides the queue of tasks for workers, and what ends tasks that workers have given up. */
export function workerProviders(
  tasks: TaskPublisher,
  metrics: FlowMetrics,
  log: Log,
): readonly Provider[] {
  return [
    { provide: TaskPublisher, useValue: tasks },
    {
      provide: ExhaustedTasks,
      inject: [WorkflowExecutorConfig, ActivityStore, SignalDelivery, MongoLink],
      useFactory: (
        config: WorkflowExecutorConfig,
        store: ActivityStore,
        delivery: SignalDelivery,
        { clock }: MongoLink,
      ) => new ExhaustedTasks(tasks, store, delivery, jsonLimits(config), clock.now, metrics, log),
    },
  ];
}
