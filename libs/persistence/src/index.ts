export {
  FIRST_LOCK_VERSION,
  type Activity,
  type ActivityCommit,
  type NewActivity,
  type RecordOutcome,
  type RejectedRequestFacts,
} from './activities/activity.js';
export {
  ActivityStore,
  type ActivityPage,
  type ActivityQuery,
  type DueClaim,
  type Leaving,
  type EarlyClaim,
  type LeaseRelease,
  type ListedActivity,
} from './activities/activity-store.js';
export { activityBytes } from './activities/activity-size.js';
export { type ActivityStoreSettings } from './activities/mongo-activity-store.js';
export {
  DEFAULT_REJECTED_REQUEST_BUFFER_SETTINGS,
  type RejectedRequestBufferSettings,
} from './activities/rejected-request-buffer.js';
export { RejectedRequestStore, type RejectedRequest } from './activities/rejected-request-store.js';
export { MongoLink, type MongoLinkState } from './connection/mongo-link.js';
export { DEFAULT_MONGO_SETTINGS, type MongoSettings } from './connection/mongo-settings.js';
export { RETENTION_CLASSES, type RetentionClass } from './retention/expired-activities.js';
export { RetentionJob, type RetentionSettings } from './retention/retention-job.js';
export { SchemaMigrator } from './schema/schema-migrator.js';
export {
  DeadLetterStore,
  type DeadLetter,
  type DeadLetterBounds,
  type DeadLetterTotals,
} from './dead-letters/dead-letter-store.js';
export {
  ActivityInboxFullError,
  ActivityNotFoundError,
  ActivityTooLargeError,
  CursorInvalidError,
  StoreOverloadedError,
  StoreUnavailableError,
  StoreUnsupportedError,
  StoreWriteRefusedError,
  TokenNotFoundError,
  WorkflowChangedError,
  WorkflowExistsError,
  WorkflowNotFoundError,
  WorkflowTokensFullError,
} from './errors.js';
export { DEFAULT_GROUP_COMMIT_SETTINGS } from './group-commit/default-settings.js';
export { type BatchFacts, type GroupCommitSettings } from './group-commit/group-committer.js';
export { type PersistenceModuleOptions, type PersistenceSettings } from './persistence-settings.js';
export { PersistenceModule } from './persistence.module.js';
export { GlobalTokenStore, type GlobalToken } from './tokens/global-token-store.js';
export {
  DEFAULT_WORKFLOW_CACHE_SETTINGS,
  WorkflowCache,
  type WorkflowCacheSettings,
} from './workflows/workflow-cache.js';
export {
  type Trigger,
  type Triggers,
  type Workflow,
  type WorkflowRevision,
  type WorkflowToken,
} from './workflows/workflow.js';
export {
  WORKFLOW_TOKENS_MAX,
  type IfVersion,
  type WorkflowContent,
  WorkflowStore,
  type WorkflowPage,
  type WorkflowSwitches,
} from './workflows/workflow-store.js';
export { DISPATCH_GRACE_MS, newActivityOf } from './activities/new-activity.js';
export { BoundedMap } from './storage/bounded-map.js';
