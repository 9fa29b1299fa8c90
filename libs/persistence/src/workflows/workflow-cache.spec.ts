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

describe('find', () => {
  it('asks the store once while the answer is fresh, and again after that', async () => {
    await workflowCache.find('workflow-1');
    now += SETTINGS.freshMs - 1;
    expect(await workflowCache.find('workflow-1')).toEqual(aWorkflow());
    expect(store.asked).toHaveLength(1);

    await store.addToken('workflow-1', aWorkflowToken());
    now += 1;
    expect((await workflowCache.find('workflow-1'))?.tokens).toHaveLength(1);
    expect(store.asked).toHaveLength(2);
  });

  it('asks once for all who ask at the same moment', async () => {
    const found = await Promise.all(
      Array.from({ length: 20 }, () => workflowCache.find('workflow-1')),
    );

    expect(found.every((workflow) => workflow?.id === 'workflow-1')).toBe(true);
    expect(store.asked).toEqual(['workflow-1']);
  });

  it('remembers for a moment that there is none', async () => {
    expect(await workflowCache.find('nobody')).toBeUndefined();
    expect(await workflowCache.find('nobody')).toBeUndefined();
    expect(store.asked).toHaveLength(1);

    now += SETTINGS.unknownMs;
    await store.create(aWorkflow({ id: 'nobody', name: 'other' }), aRevision());
    expect(await workflowCache.find('nobody')).toMatchObject({ id: 'nobody' });
  });

  it('notices that a workflow is gone', async () => {
    await workflowCache.find('workflow-1');
    now += SETTINGS.freshMs;
    store.deleted = true;

    expect(await workflowCache.find('workflow-1')).toBeUndefined();
    store.outage.begin();
    now += SETTINGS.unknownMs;
    await expect(workflowCache.find('workflow-1')).rejects.toThrow(StoreUnavailableError);
  });

  it('holds no more than it may, and made-up ids push no workflow out', async () => {
    await workflowCache.find('workflow-1');
    for (let index = 0; index < 50; index += 1) await workflowCache.find(`made up ${index}`);

    store.asked.length = 0;
    await workflowCache.find('workflow-1');

    expect(store.asked).toEqual([]);
  });
});

describe('peek', () => {
  it('gives what is there, fresh or not, and never asks the store', async () => {
    expect(workflowCache.peek('workflow-1')).toBeUndefined();
    await workflowCache.find('workflow-1');
    store.asked.length = 0;

    now = NOW + SETTINGS.freshMs + SETTINGS.staleMsMax;
    expect(workflowCache.peek('workflow-1')).toEqual(aWorkflow());
    now += 1;
    expect(workflowCache.peek('workflow-1')).toBeUndefined();
    expect(store.asked).toEqual([]);
  });
});

describe('findByToken', () => {
  it('asks the store for the token, whatever is in the cache', async () => {
    await workflowCache.find('workflow-1');
    await store.addToken('workflow-1', aWorkflowToken({ hash: 'new' }));
    store.asked.length = 0;

    expect(await workflowCache.findByToken('new')).toMatchObject({ id: 'workflow-1' });
    expect(await workflowCache.findByToken('other')).toBeUndefined();
    expect(store.asked).toEqual(['token new', 'token other']);
    // It is known from now on.
    expect((await workflowCache.find('workflow-1'))?.tokens).toHaveLength(1);
    expect(store.asked).toHaveLength(2);
  });

  it('asks once for all who ask at the same moment', async () => {
    await Promise.all(Array.from({ length: 20 }, () => workflowCache.findByToken('wrong')));

    expect(store.asked).toEqual(['token wrong']);
  });

  it('remembers for a moment that it is nobody’s, until something changes', async () => {
    await workflowCache.findByToken('early');
    expect(await workflowCache.findByToken('early')).toBeUndefined();
    expect(store.asked).toHaveLength(1);

    await store.addToken('workflow-1', aWorkflowToken({ hash: 'early' }));
    now += SETTINGS.unknownMs;
    expect(await workflowCache.findByToken('early')).toMatchObject({ id: 'workflow-1' });

    await workflowCache.findByToken('soon');
    await store.addToken('workflow-1', aWorkflowToken({ id: 'second', hash: 'soon' }));
    workflowCache.invalidate('workflow-1');
    expect(await workflowCache.findByToken('soon')).toMatchObject({ id: 'workflow-1' });
  });

  it('holds no more than it may: made-up tokens push no workflow out', async () => {
    await workflowCache.find('workflow-1');
    for (let index = 0; index < 50; index += 1) await workflowCache.findByToken(`made up ${index}`);
    store.asked.length = 0;

    await workflowCache.find('workflow-1');
    expect(store.asked).toEqual([]);
    // The oldest of them was forgotten: three are kept.
    await workflowCache.findByToken('made up 46');
    expect(store.asked).toEqual(['token made up 46']);
  });

  it('keeps nothing that a look which began before a change brings', async () => {
    store.holding = true;
    const before = workflowCache.findByToken('early');
    await store.addToken('workflow-1', aWorkflowToken({ hash: 'early' }));
    workflowCache.invalidate('workflow-1');
    store.release();
    expect(await before).toBeUndefined();

    expect(await workflowCache.findByToken('early')).toMatchObject({ id: 'workflow-1' });
  });

  it('grants and refuses nobody while the store is away', async () => {
    await workflowCache.find('workflow-1');
    store.outage.begin();

    await expect(workflowCache.findByToken('any')).rejects.toThrow(StoreUnavailableError);
  });
});

describe('recent', () => {
  it('asks the store once in a moment, whether there is the workflow or not, whatever is cached', async () => {
    await workflowCache.find('workflow-1');
    for (const id of ['workflow-1', 'nobody']) {
      store.asked.length = 0;
      await workflowCache.recent(id);
      await workflowCache.recent(id);
      expect(store.asked).toHaveLength(1);
      now += SETTINGS.unknownMs;
      await workflowCache.recent(id);
      expect(store.asked).toHaveLength(2);
    }
  });

  it('sees a change that was told at once', async () => {
    await workflowCache.recent('workflow-1');
    await store.addToken('workflow-1', aWorkflowToken({ hash: 'new' }));
    workflowCache.invalidate('workflow-1');

    expect((await workflowCache.recent('workflow-1'))?.tokens).toHaveLength(1);
  });

  it.each(['workflow-1', 'nobody'])('cannot tell of %s while the store is away', async (id) => {
    await workflowCache.find(id);
    store.outage.begin();

    await expect(workflowCache.recent(id)).rejects.toThrow(StoreUnavailableError);
  });
});

describe('invalidate', () => {
  it('makes the next look go to the store', async () => {
    await workflowCache.find('workflow-1');
    await store.addToken('workflow-1', aWorkflowToken());

    workflowCache.invalidate('workflow-1');

    expect((await workflowCache.find('workflow-1'))?.tokens).toHaveLength(1);
  });

  it('makes an unknown workflow known at once', async () => {
    await workflowCache.find('other');
    await store.create(aWorkflow({ id: 'other', name: 'other' }), aRevision());

    workflowCache.invalidate('other');

    expect(await workflowCache.find('other')).toBeDefined();
  });

  it('keeps nothing that a look which began before it brings', async () => {
    store.holding = true;
    const before = workflowCache.find('workflow-1');
    await store.addToken('workflow-1', aWorkflowToken());
    workflowCache.invalidate('workflow-1');
    store.release();
    expect((await before)?.tokens).toEqual([]);

    expect((await workflowCache.find('workflow-1'))?.tokens).toHaveLength(1);
    expect(store.asked).toHaveLength(2);
  });
});

describe('while the store is away', () => {
  it('serves what it has until that is too old', async () => {
    await workflowCache.find('workflow-1');
    store.outage.begin();

    now = NOW + SETTINGS.freshMs + SETTINGS.staleMsMax;
    expect(await workflowCache.find('workflow-1')).toEqual(aWorkflow());
    now += SETTINGS.unknownMs + 1;
    await expect(workflowCache.find('workflow-1')).rejects.toThrow(StoreUnavailableError);
  });

  it('asks the store at times, not for everybody', async () => {
    await workflowCache.find('workflow-1');
    store.outage.begin();
    now += SETTINGS.freshMs;
    store.asked.length = 0;

    for (let index = 0; index < 10; index += 1) await workflowCache.find('workflow-1');

    expect(store.asked).toHaveLength(1);
  });

  it('never takes an unknown workflow for one that is not there', async () => {
    await workflowCache.find('nobody');
    store.outage.begin();
    now += SETTINGS.unknownMs;

    await expect(workflowCache.find('nobody')).rejects.toThrow(StoreUnavailableError);
    await expect(workflowCache.find('never seen')).rejects.toThrow(StoreUnavailableError);
  });

  it('does not serve what was invalidated', async () => {
    await workflowCache.find('workflow-1');
    store.outage.begin();

    workflowCache.invalidate('workflow-1');

    await expect(workflowCache.find('workflow-1')).rejects.toThrow(StoreUnavailableError);
  });

  it('goes back to the store when that is back', async () => {
    await workflowCache.find('workflow-1');
    store.outage.begin();
    now += SETTINGS.freshMs;
    await workflowCache.find('workflow-1');

    store.outage.end();
    await store.addToken('workflow-1', aWorkflowToken());
    now += SETTINGS.unknownMs;

    expect((await workflowCache.find('workflow-1'))?.tokens).toHaveLength(1);
  });
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
