export {
  type Activity,
  type ActivityCommit,
  type NewActivity,
  type RecordOutcome,
  type RefusalFacts,
} from './activities/activity.js';
export {
  ActivityStore,
  type ActivityPage,
  type ActivityQuery,
} from './activities/activity-store.js';
export { RefusalStore, type Refusal } from './activities/refusal-store.js';
export { DeadLetterStore, type DeadLetter } from './dead-letters/dead-letter-store.js';
export {
  ActivityNotFoundError,
  StoreUnavailableError,
  WorkflowExistsError,
  WorkflowNotFoundError,
} from './errors.js';
export { GlobalTokenStore, type GlobalToken } from './tokens/global-token-store.js';
export {
  type Trigger,
  type Triggers,
  type Workflow,
  type WorkflowRevision,
  type WorkflowToken,
} from './workflows/workflow.js';
export { WorkflowStore, type WorkflowPage } from './workflows/workflow-store.js';
