import { type Provider } from '@nestjs/common';
import { getModelToken, type ModelDefinition } from '@nestjs/mongoose';
import { type Model } from 'mongoose';
import { type ActivityDocument } from './activities/stored/activity-document.js';
import { ActivityStore } from './activities/activity-store.js';
import { ACTIVITY_MODEL, activitySchema } from './activities/stored/activity.schema.js';
import { MongoActivityStore } from './activities/mongo-activity-store.js';
import { MongoRejectedRequestStore } from './rejected-requests/mongo-rejected-request-store.js';
import { RejectedRequestStore } from './rejected-requests/rejected-request-store.js';
import { RESULTS_MODEL, resultsSchema } from './activities/beside/results.schema.js';
import { MongoLink } from './connection/mongo-link.js';
import {
  CORRELATED_EVENT_MODEL,
  correlatedEventSchema,
} from './correlated-events/correlated-event.schema.js';
import { CorrelatedEventStore } from './correlated-events/correlated-event-store.js';
import { EventMatcher } from './correlated-events/event-matcher.js';
import { MongoCorrelatedEventStore } from './correlated-events/mongo-correlated-event-store.js';
import { DECISION_MODEL, decisionSchema } from './decisions/decision.schema.js';
import { DecisionStore } from './decisions/decision-store.js';
import { MongoDecisionStore } from './decisions/mongo-decision-store.js';
import { DeadLetterStore } from './dead-letters/dead-letter-store.js';
import {
  DEAD_LETTER_MODEL,
  deadLetterSchema,
  type DeadLetterDocument,
} from './dead-letters/dead-letter.schema.js';
import { MongoDeadLetterStore } from './dead-letters/mongo-dead-letter-store.js';
import {
  LOCK_MODEL,
  type LockDocument,
  lockSchema,
  SLOT_MODEL,
  slotSchema,
} from './locks/lock.schema.js';
import { LockStore, SlotStore } from './locks/lock-store.js';
import { MongoLockStore } from './locks/mongo-lock-store.js';
import { PERSISTENCE_SETTINGS, type PersistenceSettings } from './persistence-settings.js';
import { countRunsIn } from './quotas/count-runs.js';
import { RunQuotas } from './quotas/run-quotas.js';
import { MongoScopeStore } from './scopes/mongo-scope-store.js';
import { ScopeCache } from './scopes/scope-cache.js';
import { ScopeStore } from './scopes/scope-store.js';
import {
  SCOPE_VERSION_MODEL,
  type ScopeVersionDocument,
  scopeVersionSchema,
} from './scopes/scope-version.schema.js';
import { ApiTokenStore } from './tokens/api-token-store.js';
import { GlobalTokenStore } from './tokens/global-token-store.js';
import {
  GLOBAL_TOKEN_MODEL,
  globalTokenSchema,
  type GlobalTokenDocument,
  MongoGlobalTokenStore,
} from './tokens/mongo-global-token-store.js';
import {
  API_TOKEN_MODEL,
  type ApiTokenDocument,
  apiTokenSchema,
  MongoApiTokenStore,
} from './tokens/mongo-api-token-store.js';
import { MongoWorkflowStore } from './workflows/mongo-workflow-store.js';
import { WorkflowChangePoller } from './workflows/workflow-change-poller.js';
import { WorkflowCache } from './workflows/workflow-cache.js';
import {
  type WorkflowDocument,
  type WorkflowRevisionDocument,
} from './workflows/workflow-document.js';
import { WorkflowStore } from './workflows/workflow-store.js';
import {
  WORKFLOW_MODEL,
  WORKFLOW_REVISION_MODEL,
  workflowRevisionSchema,
  workflowSchema,
} from './workflows/workflow.schema.js';

/** Every collection there is, with its indexes in its schema. */
export const MODELS: ModelDefinition[] = [
  { name: ACTIVITY_MODEL, schema: activitySchema },
  { name: RESULTS_MODEL, schema: resultsSchema },
  { name: WORKFLOW_MODEL, schema: workflowSchema },
  { name: WORKFLOW_REVISION_MODEL, schema: workflowRevisionSchema },
  { name: DEAD_LETTER_MODEL, schema: deadLetterSchema },
  { name: GLOBAL_TOKEN_MODEL, schema: globalTokenSchema },
  { name: API_TOKEN_MODEL, schema: apiTokenSchema },
  { name: LOCK_MODEL, schema: lockSchema },
  { name: SLOT_MODEL, schema: slotSchema },
  { name: DECISION_MODEL, schema: decisionSchema },
  { name: CORRELATED_EVENT_MODEL, schema: correlatedEventSchema },
  { name: SCOPE_VERSION_MODEL, schema: scopeVersionSchema },
];

/** Each port with its adapter. */
export const STORES: Provider[] = [
  {
    provide: ActivityStore,
    inject: [getModelToken(ACTIVITY_MODEL), MongoLink, PERSISTENCE_SETTINGS],
    useFactory: (
      activities: Model<ActivityDocument>,
      link: MongoLink,
      settings: PersistenceSettings,
    ) => new MongoActivityStore(activities, link, settings.activities),
  },
  {
    provide: RejectedRequestStore,
    inject: [MongoLink, PERSISTENCE_SETTINGS],
    useFactory: (link: MongoLink, { rejectedRequests }: PersistenceSettings) =>
      new MongoRejectedRequestStore(link, rejectedRequests),
  },
  {
    provide: WorkflowStore,
    inject: [getModelToken(WORKFLOW_MODEL), getModelToken(WORKFLOW_REVISION_MODEL), MongoLink],
    useFactory: (
      workflows: Model<WorkflowDocument>,
      revisions: Model<WorkflowRevisionDocument>,
      link: MongoLink,
    ) => new MongoWorkflowStore(workflows, revisions, link),
  },
  {
    provide: WorkflowCache,
    inject: [WorkflowStore, PERSISTENCE_SETTINGS],
    useFactory: (store: WorkflowStore, { workflowCache }: PersistenceSettings) =>
      new WorkflowCache(store, workflowCache),
  },
  {
    provide: WorkflowChangePoller,
    inject: [WorkflowStore, WorkflowCache, PERSISTENCE_SETTINGS],
    useFactory: (
      store: WorkflowStore,
      workflows: WorkflowCache,
      { workflowChangesMs }: PersistenceSettings,
    ) => new WorkflowChangePoller(store, workflows, workflowChangesMs),
  },
  {
    provide: DeadLetterStore,
    inject: [getModelToken(DEAD_LETTER_MODEL), MongoLink],
    useFactory: (letters: Model<DeadLetterDocument>, link: MongoLink) =>
      new MongoDeadLetterStore(letters, link),
  },
  {
    provide: GlobalTokenStore,
    inject: [getModelToken(GLOBAL_TOKEN_MODEL), MongoLink],
    useFactory: (tokens: Model<GlobalTokenDocument>, link: MongoLink) =>
      new MongoGlobalTokenStore(tokens, link),
  },
  {
    provide: ApiTokenStore,
    inject: [getModelToken(API_TOKEN_MODEL), MongoLink],
    useFactory: (tokens: Model<ApiTokenDocument>, link: MongoLink) =>
      new MongoApiTokenStore(tokens, link),
  },
  {
    provide: LockStore,
    inject: [getModelToken(LOCK_MODEL), MongoLink],
    useFactory: (locks: Model<LockDocument>, link: MongoLink) => new MongoLockStore(locks, link),
  },
  {
    provide: SlotStore,
    inject: [getModelToken(SLOT_MODEL), MongoLink],
    useFactory: (slots: Model<LockDocument>, link: MongoLink) =>
      new MongoLockStore(slots, link, 'slots'),
  },
  {
    provide: CorrelatedEventStore,
    inject: [MongoLink],
    useFactory: (link: MongoLink) => new MongoCorrelatedEventStore(link),
  },
  {
    provide: EventMatcher,
    inject: [CorrelatedEventStore, ActivityStore, MongoLink, PERSISTENCE_SETTINGS],
    useFactory: (
      events: CorrelatedEventStore,
      activities: ActivityStore,
      { clock }: MongoLink,
      { eventMatching }: PersistenceSettings,
    ) => new EventMatcher(events, activities, clock.now, eventMatching),
  },
  {
    provide: RunQuotas,
    inject: [MongoLink, PERSISTENCE_SETTINGS],
    useFactory: (link: MongoLink, { quotas }: PersistenceSettings) =>
      new RunQuotas(countRunsIn(link), quotas),
  },
  {
    provide: DecisionStore,
    inject: [MongoLink],
    useFactory: (link: MongoLink) => new MongoDecisionStore(link),
  },
  {
    provide: ScopeStore,
    inject: [getModelToken(SCOPE_VERSION_MODEL), MongoLink],
    useFactory: (versions: Model<ScopeVersionDocument>, link: MongoLink) =>
      new MongoScopeStore(versions, link),
  },
  {
    provide: ScopeCache,
    inject: [ScopeStore, PERSISTENCE_SETTINGS],
    useFactory: (store: ScopeStore, { workflowChangesMs }: PersistenceSettings) =>
      new ScopeCache(store, workflowChangesMs),
  },
];
