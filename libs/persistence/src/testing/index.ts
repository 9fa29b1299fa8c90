export {
  NOW,
  aCommit,
  aNewActivity,
  aRevision,
  aState,
  aWorkflow,
  anEvent,
  jsonData,
} from './builders.js';
export { dueWorkContract, type DueWorkScene } from './due-work.contract.js';
export { MemoryApiTokenStore } from './memory/memory-api-token-store.js';
export { MemoryActivityStore } from './memory/memory-activity-store.js';
export { MemoryCorrelatedEventStore } from './memory/memory-correlated-event-store.js';
export { MemoryDecisionStore } from './memory/memory-decision-store.js';
export { MemoryDeadLetterStore } from './memory/memory-dead-letter-store.js';
export { MemoryGlobalTokenStore } from './memory/memory-global-token-store.js';
export { MemoryLockStore } from './memory/memory-lock-store.js';
export { MemoryRejectedRequestStore } from './memory/memory-rejected-request-store.js';
export { MemoryScopeStore } from './memory/memory-scope-store.js';
export { MemoryWorkflowStore } from './memory/memory-workflow-store.js';
