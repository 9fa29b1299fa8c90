import {
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { ActivityStore } from './activities/activity-store.js';
import { RejectedRequestStore } from './rejected-requests/rejected-request-store.js';
import { MongoConnectionModule } from './connection/mongo-connection.module.js';
import { MongoLink } from './connection/mongo-link.js';
import { EventMatcher } from './correlated-events/event-matcher.js';
import { DecisionStore } from './decisions/decision-store.js';
import { DeadLetterStore } from './dead-letters/dead-letter-store.js';
import { type PersistenceModuleOptions, type PersistenceSettings } from './persistence-settings.js';
import { RunQuotas } from './quotas/run-quotas.js';
import { ScopeCache } from './scopes/scope-cache.js';
import { ScopeStore } from './scopes/scope-store.js';
import { MODELS, STORES } from './stores.js';
import { LockStore, SlotStore } from './locks/lock-store.js';
import { ApiTokenStore } from './tokens/api-token-store.js';
import { GlobalTokenStore } from './tokens/global-token-store.js';
import { WorkflowChangePoller } from './workflows/workflow-change-poller.js';
import { WorkflowCache } from './workflows/workflow-cache.js';
import { WorkflowStore } from './workflows/workflow-store.js';

/**
 * All stores, for the whole application. It starts without MongoDB and finds it when it comes; a
 * server that can't be used ends the start. `MongoLink` says how things are.
 */
@Module({})
export class PersistenceModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly rejectedRequests: RejectedRequestStore,
    private readonly link: MongoLink,
    private readonly changes: WorkflowChangePoller,
  ) {}

  static forRoot(settings: PersistenceSettings): DynamicModule {
    return PersistenceModule.forRootAsync({ useFactory: () => settings });
  }

  static forRootAsync(options: PersistenceModuleOptions): DynamicModule {
    return {
      module: PersistenceModule,
      global: true,
      imports: [MongoConnectionModule.forRootAsync(options), MongooseModule.forFeature(MODELS)],
      providers: STORES,
      exports: [
        ActivityStore,
        RejectedRequestStore,
        WorkflowStore,
        WorkflowCache,
        DeadLetterStore,
        GlobalTokenStore,
        ApiTokenStore,
        LockStore,
        SlotStore,
        DecisionStore,
        EventMatcher,
        ScopeStore,
        ScopeCache,
        RunQuotas,
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.changes.start();
  }

  /** The connection goes last, after the ingresses are closed and what they left is written. */
  async onApplicationShutdown(): Promise<void> {
    this.changes.stop();
    await this.rejectedRequests.flush();
    await this.link.close();
  }
}
