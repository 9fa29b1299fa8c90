import { type FactoryProvider, type ModuleMetadata } from '@nestjs/common';
import { type ActivityStoreSettings } from './activities/mongo-activity-store.js';
import { type RejectedRequestBufferSettings } from './rejected-requests/rejected-request-buffer.js';
import { type EventMatcherSettings } from './correlated-events/event-matcher.js';
import { type MongoSettings } from './connection/mongo-settings.js';
import { type RunQuotaSettings } from './quotas/run-quotas.js';
import { type WorkflowCacheSettings } from './workflows/workflow-cache.js';

export const PERSISTENCE_SETTINGS = Symbol('persistence settings');

export interface PersistenceSettings {
  readonly mongo: MongoSettings;
  readonly activities: ActivityStoreSettings;
  readonly rejectedRequests: RejectedRequestBufferSettings;
  readonly workflowCache: WorkflowCacheSettings;
  readonly quotas: RunQuotaSettings;
  readonly eventMatching: EventMatcherSettings;
  /** How often every process asks which workflows have changed, in milliseconds. */
  readonly workflowChangesMs: number;
}

export interface PersistenceModuleOptions {
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
  readonly inject?: NonNullable<FactoryProvider['inject']>;
  readonly useFactory: FactoryProvider<PersistenceSettings>['useFactory'];
}
