import { StoreUnavailableError } from '../../errors.js';
import { describeActivityStore } from '../activity-store/activity-store.contract.js';
import { describeCorrelatedEventStore } from '../correlated-event-store.contract.js';
import { describeEventMatcher } from '../event-matcher.contract.js';
import { MemoryCorrelatedEventStore } from './memory-correlated-event-store.js';
import { describeDecisionStore } from '../decision-store.contract.js';
import { describeDeadLetterStore } from '../dead-letter-store.contract.js';
import { describeApiTokenStore } from '../api-token-store.contract.js';
import { describeGlobalTokenStore } from '../global-token-store.contract.js';
import { describeLockStore } from '../lock-store.contract.js';
import { describeSlots } from '../slot-store.contract.js';
import { MemoryActivityStore } from './memory-activity-store.js';
import { MemoryDecisionStore } from './memory-decision-store.js';
import { MemoryDeadLetterStore } from './memory-dead-letter-store.js';
import { MemoryApiTokenStore } from './memory-api-token-store.js';
import { MemoryGlobalTokenStore } from './memory-global-token-store.js';
import { MemoryLockStore } from './memory-lock-store.js';
import { MemoryRejectedRequestStore } from './memory-rejected-request-store.js';
import { describeScopeStore } from '../scope-store.contract.js';
import { MemoryScopeStore } from './memory-scope-store.js';
import { MemoryWorkflowStore } from './memory-workflow-store.js';
import { describeRejectedRequestStore } from '../rejected-request-store.contract.js';
import { describeWorkflowStore } from '../workflow-store.contract.js';

let activities: MemoryActivityStore;
let rejectedRequests: MemoryRejectedRequestStore;
let workflows: MemoryWorkflowStore;
let letters: MemoryDeadLetterStore;
let tokens: MemoryGlobalTokenStore;
let apiTokens: MemoryApiTokenStore;
let locks: MemoryLockStore;
let decisions: MemoryDecisionStore;
let scopes: MemoryScopeStore;
let correlatedEvents: MemoryCorrelatedEventStore;

beforeEach(() => {
  activities = new MemoryActivityStore();
  rejectedRequests = new MemoryRejectedRequestStore(activities);
  workflows = new MemoryWorkflowStore();
  letters = new MemoryDeadLetterStore();
  tokens = new MemoryGlobalTokenStore();
  apiTokens = new MemoryApiTokenStore();
  locks = new MemoryLockStore();
  decisions = new MemoryDecisionStore();
  scopes = new MemoryScopeStore();
  correlatedEvents = new MemoryCorrelatedEventStore();
});

describeActivityStore(MemoryActivityStore.name, () => activities);
describeRejectedRequestStore(MemoryRejectedRequestStore.name, () => ({
  rejectedRequests,
  activities,
}));
describeWorkflowStore(MemoryWorkflowStore.name, () => workflows);
describeDeadLetterStore(MemoryDeadLetterStore.name, () => letters);
describeScopeStore(MemoryScopeStore.name, () => scopes);
describeLockStore(MemoryLockStore.name, () => locks);
describeSlots(MemoryLockStore.name, () => locks);
describeGlobalTokenStore(MemoryGlobalTokenStore.name, () => tokens);
describeApiTokenStore(MemoryApiTokenStore.name, () => apiTokens);
describeCorrelatedEventStore(MemoryCorrelatedEventStore.name, () => correlatedEvents);
describeEventMatcher(MemoryCorrelatedEventStore.name, () => ({
  events: correlatedEvents,
  activities,
}));
describeDecisionStore(MemoryDecisionStore.name, () => decisions);

it('has outages that a test begins and ends', async () => {
  workflows.outage.begin();
  await expect(workflows.get('workflow-1')).rejects.toThrow(StoreUnavailableError);

  workflows.outage.end();
  expect(await workflows.get('workflow-1')).toBeUndefined();
});
