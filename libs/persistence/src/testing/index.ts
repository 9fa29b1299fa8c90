export { NOW, aNewActivity, aRevision, aState, aWorkflow, anEvent, jsonData } from './builders.js';
export { MemoryActivityStore } from './memory-activity-store.js';
export { MemoryDeadLetterStore } from './memory-dead-letter-store.js';
export { MemoryGlobalTokenStore } from './memory-global-token-store.js';
export { MemoryRejectedRequestStore } from './memory-rejected-request-store.js';
export { MemoryWorkflowStore } from './memory-workflow-store.js';
export { NaiveActivityStore } from './naive-activity-store.js';
