import { Logger } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { ActivityStore } from '../src/activities/activity-store.js';
import { DEFAULT_GROUP_COMMIT_SETTINGS } from '../src/group-commit/group-committer.js';
import { DEFAULT_MONGO_SETTINGS } from '../src/connection/mongo-settings.js';
import { DEFAULT_REJECTED_REQUEST_BUFFER_SETTINGS } from '../src/rejected-requests/rejected-request-buffer.js';
import { DEFAULT_WORKFLOW_CACHE_SETTINGS, WorkflowCache } from '../src/workflows/workflow-cache.js';
import { MongoLink } from '../src/connection/mongo-link.js';
import { PersistenceModule } from '../src/persistence.module.js';
import { RejectedRequestStore } from '../src/rejected-requests/rejected-request-store.js';
import { StoreUnavailableError, StoreUnsupportedError } from '../src/errors.js';
import { aNewActivity, aRejectedRequest } from '../src/testing/builders.js';
import { freshDatabaseUrl } from './mongo-stores.js';
import { StandaloneMongod } from './standalone-mongod.js';

Logger.overrideLogger(false);

function compile(url: string): Promise<TestingModule> {
  const persistence = PersistenceModule.forRoot({
    mongo: { ...DEFAULT_MONGO_SETTINGS, url },
    activities: { groupCommit: DEFAULT_GROUP_COMMIT_SETTINGS },
    rejectedRequests: DEFAULT_REJECTED_REQUEST_BUFFER_SETTINGS,
    workflowCache: DEFAULT_WORKFLOW_CACHE_SETTINGS,
    quotas: { runsPerMonth: 0 },
    eventMatching: {
      keptMax: 10,
      keptBytesMax: 100_000,
      keptMs: 60_000,
      repeatsMs: 60_000,
      matchesMax: 10,
    },
    workflowChangesMs: 500,
  });
  return Test.createTestingModule({ imports: [persistence] }).compile();
}

it('gives an application its stores, and writes what is held back when it ends', async () => {
  const url = freshDatabaseUrl();
  const app = await compile(url);
  await app.init();
  expect(app.get(MongoLink).available).toBe(true);
  expect(await app.get(ActivityStore).record(aNewActivity())).toEqual({ kind: 'recorded' });
  expect(await app.get(WorkflowCache).find('nobody')).toBeUndefined();

  app.get(RejectedRequestStore).add(aRejectedRequest());
  await app.close();

  expect(app.get(MongoLink).available).toBe(false);
  const after = await compile(url);
  await after.init();
  const { activities } = await after.get(ActivityStore).list({ status: 'failed', limit: 1 });
  expect(activities).toHaveLength(1);
  await after.get(MongoLink).connection.dropDatabase();
  await after.close();
});

it('starts where nothing listens, and ends at once', async () => {
  const app = await compile('mongodb://127.0.0.1:9/nothing?replicaSet=rs0');

  await app.init();

  expect(app.get(MongoLink).available).toBe(false);
  await expect(app.get(ActivityStore).get('any')).rejects.toThrow(StoreUnavailableError);
  await app.close();
});

it('refuses to start on a server that is no replica set, and says what to do', async () => {
  const standalone = await StandaloneMongod.start();
  const app = await compile(standalone.url);

  const start = app.init();
  await expect(start).rejects.toThrow(StoreUnsupportedError);
  await expect(start).rejects.toThrow(/rs\.initiate/);
  await expect(app.get(ActivityStore).get('any')).rejects.toThrow(StoreUnsupportedError);

  await app.get(MongoLink).close();
  await standalone.end();
}, 60_000);
