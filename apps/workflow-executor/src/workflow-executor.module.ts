import { AdminTokens, InternalRequests, SecretKeys, WorkflowAccess } from '@app/auth';
import { type AppProcess, jsonLimits, persistenceSettings, signingKeys } from '@app/bootstrap';
import { ActivityNotices, WorkflowChanges } from '@app/messaging';
import { type FlowMetrics, ObservabilityModule } from '@app/observability';
import {
  ActivityStore,
  GlobalTokenStore,
  MongoLink,
  PersistenceModule,
  RejectedRequestStore,
  WorkflowCache,
} from '@app/persistence';
import { SigningKeys } from '@app/signing';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { ActivitiesController } from './api/activities/activities.controller.js';
import { SecretsController } from './api/secrets/secrets.controller.js';
import { SchemasController } from './api/workflows/schemas.controller.js';
import { WorkflowsController } from './api/workflows/workflows.controller.js';
import { DispatchController } from './intake/dispatch.controller.js';
import { DispatchIntake } from './intake/dispatch-intake.js';
import { DispatchReader } from './intake/dispatch-reader.js';
import { InternalController } from './intake/internal.controller.js';
import { runProviders } from './runs/run-providers.js';
import { retentionProvider } from './retention-provider.js';
import { ActiveRuns } from './runs/driving/active-runs.js';
import { RunStarter } from './runs/starting/run-starter.js';
import { type WorkflowExecutorConfig } from './workflow-executor.config.js';

const API = [WorkflowsController, SchemasController, SecretsController, ActivitiesController];

@Module({})
export class WorkflowExecutorModule {
  static register(
    process: AppProcess<WorkflowExecutorConfig>,
    metrics: FlowMetrics,
    changes: WorkflowChanges,
    notices: ActivityNotices,
  ): DynamicModule {
    const { config, log } = process;
    const dispatches = config.usesNats ? [DispatchController] : [];
    return {
      module: WorkflowExecutorModule,
      imports: [
        ObservabilityModule.register(log, metrics),
        PersistenceModule.forRoot(persistenceSettings(config, metrics)),
      ],
      controllers: [...API, InternalController, ...dispatches],
      providers: [
        ...accessProviders(config),
        ...runProviders(config, metrics, log),
        retentionProvider(config, metrics, log),
        {
          provide: DispatchIntake,
          inject: [
            WorkflowAccess,
            ActivityStore,
            RunStarter,
            ActiveRuns,
            ActivityNotices,
            MongoLink,
          ],
          useFactory: (
            access: WorkflowAccess,
            store: ActivityStore,
            starter: RunStarter,
            runs: ActiveRuns,
            notices: ActivityNotices,
            link: MongoLink,
          ) =>
            new DispatchIntake(access, store, starter, runs, notices, link.clock.now, metrics, log),
        },
        {
          provide: DispatchReader,
          useValue: new DispatchReader(signingKeys(config), jsonLimits(config)),
        },
        { provide: WorkflowChanges, useValue: changes },
        { provide: ActivityNotices, useValue: notices },
      ],
    };
  }
}

function accessProviders(config: WorkflowExecutorConfig): readonly Provider[] {
  const keys = signingKeys(config);
  return [
    {
      provide: WorkflowAccess,
      inject: [WorkflowCache, RejectedRequestStore],
      useFactory: (workflows: WorkflowCache, rejectedRequests: RejectedRequestStore) =>
        new WorkflowAccess(workflows, rejectedRequests, Date.now, config.EVENTING_AUTH_ENABLED),
    },
    {
      provide: AdminTokens,
      inject: [GlobalTokenStore, MongoLink],
      useFactory: (store: GlobalTokenStore, { clock }: MongoLink) =>
        new AdminTokens(store, clock.now, config.ADMIN_TOKEN),
    },
    { provide: SigningKeys, useValue: keys },
    {
      provide: SecretKeys,
      useValue: new SecretKeys(config.SECRETS_KEY, config.SECRETS_KEY_PREVIOUS),
    },
    {
      provide: InternalRequests,
      useValue: new InternalRequests(keys, Date.now, config.INTERNAL_MESSAGE_AGE_MS_MAX),
    },
  ];
}
