import {
  AdminTokens,
  ApiAccess,
  InternalRequests,
  SecretKeys,
  SecretsKeyCheck,
  WorkflowAccess,
} from '@app/auth';
import { type AppProcess, persistenceSettings, signingKeys } from '@app/bootstrap';
import { FlowConfigModule } from '@app/config';
import {
  ActivityNotices,
  type BatchSplitter,
  type EventPublisher,
  TaskPublisher,
  WorkflowChanges,
} from '@app/messaging';
import { type FlowMetrics, type Log, ObservabilityModule } from '@app/observability';
import {
  ActivityStore,
  ApiTokenStore,
  GlobalTokenStore,
  KeyChecks,
  MongoLink,
  PersistenceModule,
  RejectedRequestStore,
  ScopeCache,
  ScopeStore,
  WorkflowCache,
  WorkflowStore,
  LockStore,
} from '@app/persistence';
import { SigningKeys } from '@app/signing';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { ActionGuard } from './access/action-guard.js';
import { ActivitiesController } from './api/activities/activities.controller.js';
import { LockHolders } from './api/activities/lock-holders.js';
import { RetriesController } from './api/retries/retries.controller.js';
import { ActivityRetries } from './api/retries/activity-retries.js';
import { DecisionsController } from './api/decisions/decisions.controller.js';
import { ParametersController } from './api/scopes/parameters.controller.js';
import { ScopeChanges } from './api/scopes/scope-changes.js';
import { TaskSecretsController } from './api/scopes/task-secrets.controller.js';
import { QuotasController } from './api/workflows/quotas.controller.js';
import { SecretsController } from './api/secrets/secrets.controller.js';
import { TasksController } from './api/tasks/tasks.controller.js';
import { TaskSignals } from './api/tasks/task-signals.js';
import { ApiTokensController } from './api/tokens/api-tokens.controller.js';
import { SchemasController } from './api/workflows/schemas.controller.js';
import { WorkflowsController } from './api/workflows/workflows.controller.js';
import { DispatchController } from './intake/dispatch.controller.js';
import { InternalController } from './intake/internal.controller.js';
import { batchProvider, intakeProviders, workerProviders } from './intake/intake-providers.js';
import { runProviders } from './runs/run-providers.js';
import { retentionProvider } from './retention-provider.js';
import { SignalDelivery } from './runs/signals/signal-delivery.js';
import { type OutboxDeliveries } from './outbox/outbox-delivery.js';
import { WorkflowExecutorConfig } from './workflow-executor.config.js';

const API = [
  WorkflowsController,
  SchemasController,
  SecretsController,
  QuotasController,
  ActivitiesController,
  RetriesController,
  TasksController,
  DecisionsController,
  ParametersController,
  TaskSecretsController,
  ApiTokensController,
];

/** What is outside of the process, or stands in for it where there is no NATS. */
export interface Outside {
  readonly changes: WorkflowChanges;
  readonly notices: ActivityNotices;
  readonly deliveries: OutboxDeliveries;
  /** All are absent where there is no NATS. */
  readonly tasks?: TaskPublisher;
  readonly splitter?: BatchSplitter;
  readonly events?: EventPublisher;
}

@Module({})
export class WorkflowExecutorModule {
  static register(
    process: AppProcess<WorkflowExecutorConfig>,
    metrics: FlowMetrics,
    { changes, notices, deliveries, tasks, splitter, events }: Outside,
  ): DynamicModule {
    const { config, log } = process;
    const dispatches = tasks ? [DispatchController] : [];
    return {
      module: WorkflowExecutorModule,
      imports: [
        FlowConfigModule.register(config),
        ObservabilityModule.register(log, metrics),
        PersistenceModule.forRoot(persistenceSettings(config, metrics, log)),
      ],
      controllers: [...API, InternalController, ...dispatches],
      providers: [
        ...accessProviders(log),
        ...readerProviders(),
        scopeChangesProvider(),
        ...runProviders(metrics, log, deliveries, events),
        retentionProvider(metrics, log),
        ...intakeProviders(metrics, log),
        ...(tasks ? workerProviders(tasks, metrics, log) : []),
        ...(splitter ? [batchProvider(splitter)] : []),
        {
          provide: TaskSignals,
          inject: [ActivityStore, SignalDelivery, MongoLink],
          useFactory: (store: ActivityStore, delivery: SignalDelivery, { clock }: MongoLink) =>
            new TaskSignals(store, delivery, clock.now),
        },
        retriesProvider(),
        { provide: WorkflowChanges, useValue: changes },
        { provide: ActivityNotices, useValue: notices },
      ],
    };
  }
}

function retriesProvider(): Provider {
  return {
    provide: ActivityRetries,
    inject: [ActivityStore, WorkflowStore, MongoLink, WorkflowExecutorConfig],
    useFactory: (
      activities: ActivityStore,
      workflows: WorkflowStore,
      { clock }: MongoLink,
      { ACTIVITY_RETRIES_MAX }: WorkflowExecutorConfig,
    ) => new ActivityRetries(activities, workflows, clock.now, ACTIVITY_RETRIES_MAX),
  };
}

function scopeChangesProvider(): Provider {
  return {
    provide: ScopeChanges,
    inject: [WorkflowExecutorConfig, ScopeStore, ScopeCache, MongoLink],
    useFactory: (
      { SCOPE_VERSION_DAYS }: WorkflowExecutorConfig,
      store: ScopeStore,
      cache: ScopeCache,
      { clock }: MongoLink,
    ) => new ScopeChanges(store, cache, SCOPE_VERSION_DAYS, clock.now),
  };
}

function accessProviders(log: Log): readonly Provider[] {
  return [
    {
      provide: WorkflowAccess,
      inject: [WorkflowExecutorConfig, WorkflowCache, RejectedRequestStore],
      useFactory: (
        config: WorkflowExecutorConfig,
        workflows: WorkflowCache,
        rejectedRequests: RejectedRequestStore,
      ) => new WorkflowAccess(workflows, rejectedRequests, Date.now, config.EVENTING_AUTH_ENABLED),
    },
    {
      provide: AdminTokens,
      inject: [WorkflowExecutorConfig, GlobalTokenStore, MongoLink],
      useFactory: (config: WorkflowExecutorConfig, store: GlobalTokenStore, { clock }: MongoLink) =>
        new AdminTokens(store, clock.now, config.ADMIN_TOKEN),
    },
    {
      provide: ApiAccess,
      inject: [AdminTokens, ApiTokenStore, MongoLink],
      useFactory: (admin: AdminTokens, people: ApiTokenStore, { clock }: MongoLink) =>
        new ApiAccess(admin, people, clock.now),
    },
    { provide: SigningKeys, inject: [WorkflowExecutorConfig], useFactory: signingKeys },
    {
      provide: SecretKeys,
      inject: [WorkflowExecutorConfig],
      useFactory: (config: WorkflowExecutorConfig) =>
        new SecretKeys(config.SECRETS_KEY, config.SECRETS_KEY_PREVIOUS),
    },
    {
      provide: SecretsKeyCheck,
      inject: [SecretKeys, MongoLink],
      useFactory: (keys: SecretKeys, link: MongoLink) =>
        new SecretsKeyCheck(keys, new KeyChecks(link), link, log),
    },
    {
      provide: InternalRequests,
      inject: [WorkflowExecutorConfig, SigningKeys],
      useFactory: (config: WorkflowExecutorConfig, keys: SigningKeys) =>
        new InternalRequests(keys, Date.now, config.INTERNAL_MESSAGE_AGE_MS_MAX),
    },
  ];
}

/** Who may do what, and what depends on who reads. */
function readerProviders(): readonly Provider[] {
  return [
    {
      provide: ActionGuard,
      inject: [WorkflowCache, ActivityStore],
      useFactory: (workflows: WorkflowCache, activities: ActivityStore) =>
        new ActionGuard(workflows, activities),
    },
    {
      provide: LockHolders,
      inject: [LockStore, ActivityStore, ActionGuard],
      useFactory: (locks: LockStore, activities: ActivityStore, guard: ActionGuard) =>
        new LockHolders(locks, activities, guard),
    },
  ];
}
