import { type FactoryProvider, type ModuleMetadata } from '@nestjs/common';
import { type ActivityStoreSettings } from './activities/mongo-activity-store.js';
import { type RefusalBufferSettings } from './activities/refusal-buffer.js';
import { type MongoSettings } from './connection/mongo-settings.js';
import { type WorkflowDirectorySettings } from './workflows/workflow-directory.js';

export const PERSISTENCE_SETTINGS = Symbol('persistence settings');

export interface PersistenceSettings {
  readonly mongo: MongoSettings;
  readonly activities: ActivityStoreSettings;
  readonly refusals: RefusalBufferSettings;
  readonly directory: WorkflowDirectorySettings;
  /** How often every process asks which workflows have changed, in milliseconds. */
  readonly workflowChangesMs: number;
}

export interface PersistenceModuleOptions {
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
  readonly inject?: NonNullable<FactoryProvider['inject']>;
  readonly useFactory: FactoryProvider<PersistenceSettings>['useFactory'];
}
