import { StoreUnavailableError } from '../errors.js';
import { NOW, aRevision, aWorkflow } from '../testing/builders.js';
import { WatchedWorkflowStore } from '../testing/memory/watched-workflow-store.js';
import { WorkflowCache } from './workflow-cache.js';

const SETTINGS = { freshMs: 5_000, staleMsMax: 600_000, unknownMs: 1_000, entriesMax: 3 };

let now: number;
let store: WatchedWorkflowStore;
let workflowCache: WorkflowCache;

beforeEach(async () => {
  now = NOW;
  store = new WatchedWorkflowStore();
  workflowCache = new WorkflowCache(store, SETTINGS, () => now);
  await store.create(aWorkflow(), aRevision());
});

describe('revision', () => {
  it('serves one that was seen for ever', async () => {
    expect(await workflowCache.revision('workflow-1', 1)).toEqual(aRevision());
    store.outage.begin();
    now += SETTINGS.staleMsMax * 10;

    expect(await workflowCache.revision('workflow-1', 1)).toEqual(aRevision());
    await expect(workflowCache.revision('workflow-1', 2)).rejects.toThrow(StoreUnavailableError);
  });

  it('asks again for one that was not there', async () => {
    expect(await workflowCache.revision('other', 1)).toBeUndefined();
    await store.create(
      aWorkflow({ id: 'other', name: 'other' }),
      aRevision({ workflowId: 'other' }),
    );

    expect(await workflowCache.revision('other', 1)).toBeDefined();
  });
});
