import { MongoActivityStore } from '../src/activities/mongo-activity-store.js';
import { MongoRejectedRequestStore } from '../src/rejected-requests/mongo-rejected-request-store.js';
import { MongoCorrelatedEventStore } from '../src/correlated-events/mongo-correlated-event-store.js';
import { describeCorrelatedEventStore } from '../src/testing/correlated-event-store.contract.js';
import { describeEventMatcher } from '../src/testing/event-matcher.contract.js';
import { MongoDecisionStore } from '../src/decisions/mongo-decision-store.js';
import { MongoDeadLetterStore } from '../src/dead-letters/mongo-dead-letter-store.js';
import { describeActivityStore } from '../src/testing/activity-store/activity-store.contract.js';
import { describeDecisionStore } from '../src/testing/decision-store.contract.js';
import { describeDeadLetterStore } from '../src/testing/dead-letter-store.contract.js';
import { describeApiTokenStore } from '../src/testing/api-token-store.contract.js';
import { describeGlobalTokenStore } from '../src/testing/global-token-store.contract.js';
import { describeRejectedRequestStore } from '../src/testing/rejected-request-store.contract.js';
import { MongoScopeStore } from '../src/scopes/mongo-scope-store.js';
import { describeScopeStore } from '../src/testing/scope-store.contract.js';
import { describeWorkflowStore } from '../src/testing/workflow-store.contract.js';
import { MongoLockStore } from '../src/locks/mongo-lock-store.js';
import { describeLockStore } from '../src/testing/lock-store.contract.js';
import { describeSlots } from '../src/testing/slot-store.contract.js';
import { MongoApiTokenStore } from '../src/tokens/mongo-api-token-store.js';
import { MongoGlobalTokenStore } from '../src/tokens/mongo-global-token-store.js';
import { MongoWorkflowStore } from '../src/workflows/mongo-workflow-store.js';
import { MongoStores } from './mongo-stores.js';

let stores: MongoStores;

beforeAll(async () => {
  stores = await new MongoStores().open();
});
beforeEach(() => stores.empty());
afterAll(() => stores.drop());

describeActivityStore(MongoActivityStore.name, () => stores.activities);
describeRejectedRequestStore(MongoRejectedRequestStore.name, () => stores);
describeWorkflowStore(MongoWorkflowStore.name, () => stores.workflows);
describeDeadLetterStore(MongoDeadLetterStore.name, () => stores.letters);
describeScopeStore(MongoScopeStore.name, () => stores.scopes);
describeLockStore(MongoLockStore.name, () => stores.locks);
describeLockStore(`${MongoLockStore.name} of slots`, () => stores.slots);
describeSlots(`${MongoLockStore.name} of slots`, () => stores.slots);
describeGlobalTokenStore(MongoGlobalTokenStore.name, () => stores.tokens);
describeApiTokenStore(MongoApiTokenStore.name, () => stores.apiTokens);
describeCorrelatedEventStore(MongoCorrelatedEventStore.name, () => stores.correlatedEvents);
describeEventMatcher(MongoCorrelatedEventStore.name, () => ({
  events: stores.correlatedEvents,
  activities: stores.activities,
}));
describeDecisionStore(MongoDecisionStore.name, () => stores.decisions);
