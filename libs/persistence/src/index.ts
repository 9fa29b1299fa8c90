export {
  FIRST_LOCK_VERSION,
  type Activity,
  type ActivityCommit,
  type ActivityParent,
  type ActivityRetryOf,
  keysOf,
  type DispatchedActivity,
  type NewActivity,
  type OutboxChange,
  type RecordOutcome,
  type RejectedRequestFacts,
  type UndeliveredEntry,
} from './activities/activity.js';
export {
  ActivityStore,
  type ChildActivity,
  type DueClaim,
  type EarlyClaim,
  type LeaseRelease,
  type DeliveredRun,
  type ListedActivity,
} from './activities/activity-store.js';
export { type RunEnd } from './activities/run-ends.js';
export { activityBytes } from './activities/activity-size.js';
export { DEFAULT_REJECTED_REQUEST_BUFFER_SETTINGS } from './rejected-requests/rejected-request-buffer.js';
export {
  type RejectedRequest,
  RejectedRequestStore,
} from './rejected-requests/rejected-request-store.js';
export { MongoLink } from './connection/mongo-link.js';
export { DEFAULT_MONGO_SETTINGS } from './connection/mongo-settings.js';
export { RETENTION_CLASSES } from './retention/retention-classes.js';
export { RetentionJob, type RetentionSettings } from './retention/retention-job.js';
export { SchemaMigrator } from './schema/schema-migrator.js';
export {
  countedRecordOf,
  type DecidedClause,
  type Decision,
  DECISION_OUTCOMES,
  type DecisionOutcome,
  type DecisionRecord,
  kindOf,
  mergeRecords,
  recordOf,
} from './decisions/decision.js';
export { type CorrelatedEvent } from './correlated-events/correlated-event.js';
export { CorrelatedEventStore } from './correlated-events/correlated-event-store.js';
export { EventMatcher, type Match } from './correlated-events/event-matcher.js';
export { DecisionStore } from './decisions/decision-store.js';
export { DeadLetterStore, type DeadLetterBounds } from './dead-letters/dead-letter-store.js';
export {
  ActivityEndedError,
  ActivityNotFoundError,
  ActivityTooLargeError,
  CursorInvalidError,
  StoreOverloadedError,
  StoreUnavailableError,
  StoreWriteRefusedError,
  WorkflowChangedError,
  WorkflowNotFoundError,
} from './errors.js';
export {
  isHolder,
  isLeaseOver,
  type LockHolder,
  type LockRejection,
  type LockRequest,
  LockStore,
  SlotStore,
  nextLook,
} from './locks/lock-store.js';
export { DEFAULT_GROUP_COMMIT_SETTINGS } from './group-commit/group-committer.js';
export { type PersistenceSettings } from './persistence-settings.js';
export {
  QuotaExceededError,
  type QuotaReservation,
  reserveQuota,
  RunQuotas,
} from './quotas/run-quotas.js';
export { KeyChecks } from './scopes/key-checks.js';
export { ScopeCache } from './scopes/scope-cache.js';
export {
  FORGOTTEN,
  INSTALLATION,
  type ScopeContent,
  ScopeStore,
  type ScopeVersion,
  type TaskSecret,
} from './scopes/scope-store.js';
export { PersistenceModule } from './persistence.module.js';
export {
  API_TOKEN_ROLES,
  type ApiToken,
  type ApiTokenRole,
  type ApiTokenScope,
  ApiTokenStore,
} from './tokens/api-token-store.js';
export { GlobalTokenStore, type GlobalToken } from './tokens/global-token-store.js';
export {
  DEFAULT_WORKFLOW_CACHE_SETTINGS,
  TOKEN_WORKFLOWS_MAX,
  WorkflowCache,
} from './workflows/workflow-cache.js';
export {
  type Trigger,
  type Triggers,
  type Workflow,
  type WorkflowQuotas,
  type WorkflowRetention,
  type WorkflowRevision,
  type WorkflowSecret,
  type WorkflowToken,
} from './workflows/workflow.js';
export {
  type WorkflowContent,
  WorkflowStore,
  type WorkflowSwitches,
} from './workflows/workflow-store.js';
export { DISPATCH_GRACE_MS, newActivityOf } from './activities/new-activity.js';
export { DuePoller, type LookAgain } from './due/due-poller.js';
export { fromCursor, toCursor } from './storage/cursor.js';
export { PacedWork } from './storage/paced-work.js';
