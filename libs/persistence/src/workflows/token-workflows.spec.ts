import { StoreUnavailableError } from '../errors.js';
import { NOW, aRevision, aWorkflow, aWorkflowToken } from '../testing/builders.js';
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

describe('findAllByToken', () => {
  const idsOf = async (hash: string): Promise<readonly string[]> =>
    (await workflowCache.findAllByToken(hash)).map(({ id }) => id);

  beforeEach(async () => {
    await store.addToken('workflow-1', aWorkflowToken({ hash: 'shared' }));
  });

  it('is the same list until a workflow changes, and asks once for all who ask at once', async () => {
    const [first, ...others] = await Promise.all(
      Array.from({ length: 20 }, () => workflowCache.findAllByToken('shared')),
    );
    now += SETTINGS.freshMs - 1;

    for (const other of others) expect(other).toBe(first);
    expect(await workflowCache.findAllByToken('shared')).toBe(first);
    expect(store.asked).toEqual(['list shared']);
    workflowCache.invalidate('another');
    expect(await workflowCache.findAllByToken('shared')).not.toBe(first);
  });

  it('keeps nothing of a load that began before a change', async () => {
    store.holding = true;
    const before = workflowCache.findAllByToken('shared');
    await store.removeToken('workflow-1', aWorkflowToken().id);
    workflowCache.invalidate('workflow-1');
    const after = idsOf('shared');
    store.release();

    expect(await before).toHaveLength(1);
    expect(await after).toEqual([]);
    expect(await idsOf('shared')).toEqual([]);
  });

  it('serves what it has seen while the store is away, and knows nothing else', async () => {
    await idsOf('shared');
    now += SETTINGS.freshMs;
    store.outage.begin();

    expect(await idsOf('shared')).toEqual(['workflow-1']);
    await expect(idsOf('other')).rejects.toThrow(StoreUnavailableError);
    now += SETTINGS.staleMsMax + 1;
    await expect(idsOf('shared')).rejects.toThrow(StoreUnavailableError);
  });

  it('knows a token that is nobody’s for a moment', async () => {
    await Promise.all([idsOf('wrong'), idsOf('wrong')]);
    await idsOf('wrong');

    expect(store.asked).toEqual(['list wrong']);
  });
});
