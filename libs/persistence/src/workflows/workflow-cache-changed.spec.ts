import { aRevision, aWorkflow, aWorkflowToken } from '../testing/builders.js';
import { WatchedWorkflowStore } from '../testing/memory/watched-workflow-store.js';
import { StoreUnavailableError } from '../errors.js';
import { WorkflowCache } from './workflow-cache.js';

let store: WatchedWorkflowStore;
let workflowCache: WorkflowCache;

beforeEach(async () => {
  store = new WatchedWorkflowStore();
  workflowCache = new WorkflowCache(store);
  await store.create(aWorkflow(), aRevision());
});

it('forgets what is of another version, and keeps what is not', async () => {
  await workflowCache.find('workflow-1');
  workflowCache.changed('workflow-1', 1);
  await workflowCache.find('workflow-1');
  expect(store.asked).toHaveLength(1);

  workflowCache.changed('workflow-1', 2);
  await workflowCache.find('workflow-1');
  expect(store.asked).toHaveLength(2);
});

it('keeps what has the change already, however late it is told of it', async () => {
  await store.addToken('workflow-1', aWorkflowToken());
  await workflowCache.find('workflow-1');
  workflowCache.takeNotice('workflow-1', 2);
  store.outage.begin();

  expect((await workflowCache.find('workflow-1'))?.tokens).toHaveLength(1);
});

it('looks for workflows of a token again when it is told, whatever it has of the workflow', async () => {
  const { hash } = aWorkflowToken();
  expect(await workflowCache.findAllByToken(hash)).toEqual([]);
  await store.addToken('workflow-1', aWorkflowToken());
  await workflowCache.find('workflow-1');

  workflowCache.takeNotice('workflow-1', 2);

  expect(await workflowCache.findAllByToken(hash)).toHaveLength(1);
});

it.each([2, undefined])('forgets what is older than it is told (%s)', async (lockVersion) => {
  await workflowCache.find('workflow-1');
  workflowCache.takeNotice('workflow-1', lockVersion);
  store.outage.begin();

  await expect(workflowCache.find('workflow-1')).rejects.toThrow(StoreUnavailableError);
});

it('keeps what a look that was under way brings, if it is of that version', async () => {
  store.holding = true;
  const found = workflowCache.find('workflow-1');
  workflowCache.changed('workflow-1', 1);
  store.release();
  await found;
  store.outage.begin();

  expect(await workflowCache.find('workflow-1')).toEqual(aWorkflow());
  expect(store.asked).toHaveLength(1);
});

it('looks again if a look that was under way brings an earlier version', async () => {
  store.holding = true;
  const before = workflowCache.find('workflow-1');
  await store.addToken('workflow-1', aWorkflowToken());
  workflowCache.changed('workflow-1', 2);
  const after = workflowCache.find('workflow-1');
  store.release();

  expect((await before)?.tokens).toEqual([]);
  expect((await after)?.tokens).toHaveLength(1);
  expect(store.asked).toHaveLength(2);
});
