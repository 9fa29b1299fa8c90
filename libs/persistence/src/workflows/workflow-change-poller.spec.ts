import { StoreUnavailableError } from '../errors.js';
import { NOW, aRevision, aWorkflow, aWorkflowToken } from '../testing/builders.js';
import { MemoryWorkflowStore } from '../testing/memory/memory-workflow-store.js';
import { WorkflowChangePoller } from './workflow-change-poller.js';
import { DEFAULT_WORKFLOW_CACHE_SETTINGS, WorkflowCache } from './workflow-cache.js';

const IDS = ['one', 'two', 'three'];

let now: number;
let store: MemoryWorkflowStore;
let workflowCache: WorkflowCache;
let poller: WorkflowChangePoller;

/** The time of the cache stands still: what it lets go of, it was told. */
beforeEach(async () => {
  now = NOW;
  store = new MemoryWorkflowStore(() => now);
  workflowCache = new WorkflowCache(store, DEFAULT_WORKFLOW_CACHE_SETTINGS, () => NOW);
  poller = new WorkflowChangePoller(store, workflowCache, 500);
  for (const id of IDS)
    await store.create(aWorkflow({ id, name: id }), aRevision({ workflowId: id }));
  await poller.poll();
  for (const id of IDS) await workflowCache.find(id);
});

async function versions(): Promise<readonly (number | undefined)[]> {
  const found = await Promise.all(IDS.map((id) => workflowCache.find(id)));
  return found.map((workflow) => workflow?.lockVersion);
}

it('lets the cache forget what was changed, and that alone', async () => {
  now += 60_000;
  await store.addToken('one', aWorkflowToken());
  await store.remove('three', undefined);
  expect(await versions()).toEqual([1, 1, 1]);

  await poller.poll();

  expect(await versions()).toEqual([2, 1, undefined]);
});

it('sees a change that carries an earlier time than the last one that it saw', async () => {
  now += 60_000;
  await store.switch('one', { status: 'inactive' }, undefined);
  await poller.poll();
  now -= 5_000;
  await store.switch('two', { status: 'inactive' }, undefined);

  await poller.poll();

  expect(await versions()).toEqual([2, 2, 1]);
});

it('sees each of several changes of one workflow', async () => {
  for (let version = 2; version < 5; version += 1) {
    await store.switch('one', { status: 'inactive' }, undefined);
    await poller.poll();
    expect(await versions()).toEqual([version, 1, 1]);
  }
});

it('finds what it missed while the store was away', async () => {
  store.outage.begin();
  await expect(poller.poll()).rejects.toThrow(StoreUnavailableError);
  store.outage.end();
  now += 3_600_000;
  await store.switch('one', { status: 'inactive' }, undefined);
  now += 3_600_000;
  await store.switch('two', { status: 'inactive' }, undefined);

  await poller.poll();

  expect(await versions()).toEqual([2, 2, 1]);
});

it('sees what comes after more changes at once than one look takes', async () => {
  now += 60_000;
  for (let index = 0; index < 1_200; index += 1) {
    const id = `many-${index}`;
    if (index % 100 === 0) now += 1;
    await store.create(aWorkflow({ id, name: id }), aRevision({ workflowId: id }));
  }
  await poller.poll();
  now += 1;
  await store.switch('two', { status: 'inactive' }, undefined);

  await poller.poll();

  expect(await versions()).toEqual([1, 2, 1]);
});

it('begins without any workflow', async () => {
  const empty = new MemoryWorkflowStore(() => now);
  const cache = new WorkflowCache(empty);
  const first = new WorkflowChangePoller(empty, cache, 500);
  await first.poll();
  expect(await cache.find('one')).toBeUndefined();
  await empty.create(aWorkflow({ id: 'one' }), aRevision({ workflowId: 'one' }));

  await first.poll();

  expect(await cache.find('one')).toBeDefined();
});

it('reads a burst of changes for a while and not for ever', async () => {
  let monotonic = 0;
  poller = new WorkflowChangePoller(store, workflowCache, 500, () => monotonic);
  await poller.poll();
  now += 60_000;
  for (const id of IDS) await store.switch(id, { status: 'inactive' }, undefined);
  now += 1;
  await store.switch('one', { status: 'active' }, undefined);
  const read: number[] = [];
  const changesSince = store.changesSince.bind(store);
  store.changesSince = async (since, limit) => {
    const changes = await changesSince(since, limit);
    read.push(changes.length);
    return changes;
  };
  for (const afterMs of [0, 10_000, 30_000]) {
    monotonic += afterMs;
    await poller.poll();
  }

  expect(read).toEqual([3, 3, 1]);
  await store.switch('two', { status: 'active' }, undefined);
  await poller.poll();
  expect(await versions()).toEqual([3, 3, 2]);
});
