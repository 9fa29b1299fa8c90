import { type ModelDefinition } from '@nestjs/mongoose';
import { randomBytes } from 'node:crypto';
import { env } from 'node:process';
import { type Model, type mongo } from 'mongoose';
import { type ActivityDocument } from '../src/activities/stored/activity-document.js';
import { ACTIVITY_MODEL } from '../src/activities/stored/activity.schema.js';
import { MongoActivityStore } from '../src/activities/mongo-activity-store.js';
import { MongoRejectedRequestStore } from '../src/rejected-requests/mongo-rejected-request-store.js';
import { createIndexes } from '../src/schema/schema-migrator.js';
import { MongoLink } from '../src/connection/mongo-link.js';
import { DEFAULT_MONGO_SETTINGS, type MongoSettings } from '../src/connection/mongo-settings.js';
import {
  DEAD_LETTER_MODEL,
  type DeadLetterDocument,
} from '../src/dead-letters/dead-letter.schema.js';
import { MongoCorrelatedEventStore } from '../src/correlated-events/mongo-correlated-event-store.js';
import { MongoDecisionStore } from '../src/decisions/mongo-decision-store.js';
import { MongoDeadLetterStore } from '../src/dead-letters/mongo-dead-letter-store.js';
import {
  DEFAULT_GROUP_COMMIT_SETTINGS,
  type BatchFacts,
} from '../src/group-commit/group-committer.js';
import { LOCK_MODEL, type LockDocument, SLOT_MODEL } from '../src/locks/lock.schema.js';
import { MongoLockStore } from '../src/locks/mongo-lock-store.js';
import { MODELS } from '../src/stores.js';
import {
  API_TOKEN_MODEL,
  type ApiTokenDocument,
  MongoApiTokenStore,
} from '../src/tokens/mongo-api-token-store.js';
import {
  GLOBAL_TOKEN_MODEL,
  type GlobalTokenDocument,
  MongoGlobalTokenStore,
} from '../src/tokens/mongo-global-token-store.js';
import { MongoScopeStore } from '../src/scopes/mongo-scope-store.js';
import {
  SCOPE_VERSION_MODEL,
  type ScopeVersionDocument,
} from '../src/scopes/scope-version.schema.js';
import { MongoWorkflowStore } from '../src/workflows/mongo-workflow-store.js';
import {
  type WorkflowDocument,
  type WorkflowRevisionDocument,
} from '../src/workflows/workflow-document.js';
import { WORKFLOW_MODEL, WORKFLOW_REVISION_MODEL } from '../src/workflows/workflow.schema.js';

/** The server that the test run shares, with a database that no other test file has. */
export function freshDatabaseUrl(): string {
  const server = env['TEST_MONGODB_URL'];
  if (server === undefined) throw new Error('TEST_MONGODB_URL is not set; use npm test');
  const url = new URL(server);
  url.pathname = `/persistence-${randomBytes(5).toString('hex')}`;
  return url.href;
}

/** Names of the indexes of activities, in order. */
export const OUR_INDEXES = [
  '_id_',
  'attention',
  'attention_by_workflow',
  'by_open_wait',
  'by_parent',
  'by_quota',
  'by_workflow',
  'open',
];

/** All stores on a database of their own. */
export class MongoStores {
  readonly batches: BatchFacts[] = [];
  readonly link: MongoLink;
  readonly activityModel: Model<ActivityDocument>;
  readonly activities: MongoActivityStore;
  readonly rejectedRequests: MongoRejectedRequestStore;
  readonly workflows: MongoWorkflowStore;
  readonly letters: MongoDeadLetterStore;
  readonly tokens: MongoGlobalTokenStore;
  readonly apiTokens: MongoApiTokenStore;
  readonly locks: MongoLockStore;
  readonly slots: MongoLockStore;
  readonly decisions: MongoDecisionStore;
  readonly correlatedEvents: MongoCorrelatedEventStore;
  readonly scopes: MongoScopeStore;

  constructor(settings: Partial<MongoSettings> = {}) {
    this.link = new MongoLink({ ...DEFAULT_MONGO_SETTINGS, url: freshDatabaseUrl(), ...settings });
    const { connection } = this.link;
    for (const { name, schema } of MODELS satisfies ModelDefinition[])
      connection.model(name, schema);
    this.activityModel = connection.model<ActivityDocument>(ACTIVITY_MODEL);
    this.activities = new MongoActivityStore(this.activityModel, this.link, {
      groupCommit: DEFAULT_GROUP_COMMIT_SETTINGS,
      observe: (batch) => this.batches.push(batch),
    });
    this.rejectedRequests = new MongoRejectedRequestStore(this.link);
    this.workflows = new MongoWorkflowStore(
      connection.model<WorkflowDocument>(WORKFLOW_MODEL),
      connection.model<WorkflowRevisionDocument>(WORKFLOW_REVISION_MODEL),
      this.link,
    );
    this.letters = new MongoDeadLetterStore(
      connection.model<DeadLetterDocument>(DEAD_LETTER_MODEL),
      this.link,
    );
    this.correlatedEvents = new MongoCorrelatedEventStore(this.link);
    this.decisions = new MongoDecisionStore(this.link);
    this.tokens = new MongoGlobalTokenStore(
      connection.model<GlobalTokenDocument>(GLOBAL_TOKEN_MODEL),
      this.link,
    );
    this.apiTokens = new MongoApiTokenStore(
      connection.model<ApiTokenDocument>(API_TOKEN_MODEL),
      this.link,
    );
    this.scopes = new MongoScopeStore(
      connection.model<ScopeVersionDocument>(SCOPE_VERSION_MODEL),
      this.link,
    );
    this.locks = new MongoLockStore(connection.model<LockDocument>(LOCK_MODEL), this.link);
    this.slots = new MongoLockStore(connection.model<LockDocument>(SLOT_MODEL), this.link, 'slots');
  }

  get db(): mongo.Db {
    return this.link.connection.getClient().db();
  }

  async open(): Promise<this> {
    await this.link.open();
    await createIndexes(this.db, this.link.connection);
    return this;
  }

  async empty(): Promise<void> {
    for (const model of Object.values(this.link.connection.models)) await model.deleteMany({});
  }

  async drop(): Promise<void> {
    await this.link.connection.dropDatabase();
    await this.link.close();
  }
}
