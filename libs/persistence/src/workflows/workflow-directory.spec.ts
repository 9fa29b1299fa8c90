import { StoreUnavailableError } from '../errors.js';
import { NOW, aRevision, aWorkflow, aWorkflowToken } from '../testing/builders.js';
import { MemoryWorkflowStore } from '../testing/memory-workflow-store.js';
import { WorkflowDirectory } from './workflow-directory.js';
import { type Workflow } from './workflow.js';

const SETTINGS = { freshMs: 5_000, staleMsMax: 600_000, unknownMs: 1_000, entriesMax: 3 };

/** Counts what is asked, and lets a test hold the answers back. */
class WatchedStore extends MemoryWorkflowStore {
  readonly asked: string[] = [];
  readonly #held: (() => void)[] = [];
  holding = false;
  deleted = false;

  override async get(id: string): Promise<Workflow | undefined> {
    this.asked.push(id);
    const answer = await super.get(id);
    if (this.holding) await new Promise<void>((resolve) => this.#held.push(resolve));
    return this.deleted ? undefined : answer;
  }

  override async getByToken(hash: string): Promise<Workflow | undefined> {
    this.asked.push(`token ${hash}`);
    const answer = await super.getByToken(hash);
    if (this.holding) await new Promise<void>((resolve) => this.#held.push(resolve));
    return answer;
  }

  release(): void {
    this.holding = false;
    for (const answer of this.#held) answer();
  }
}

let now: number;
let store: WatchedStore;
let directory: WorkflowDirectory;

beforeEach(async () => {
  now = NOW;
  store = new WatchedStore();
  directory = new WorkflowDirectory(store, SETTINGS, () => now);
  await store.create(aWorkflow(), aRevision());
});

describe('find', () => {
  it('asks the store once while the answer is fresh, and again after that', async () => {
    await directory.find('workflow-1');
    now += SETTINGS.freshMs - 1;
    expect(await directory.find('workflow-1')).toEqual(aWorkflow());
    expect(store.asked).toHaveLength(1);

    await store.addToken('workflow-1', aWorkflowToken());
    now += 1;
    expect((await directory.find('workflow-1'))?.tokens).toHaveLength(1);
    expect(store.asked).toHaveLength(2);
  });

  it('asks once for all who ask at the same moment', async () => {
    const found = await Promise.all(Array.from({ length: 20 }, () => directory.find('workflow-1')));

    expect(found.every((workflow) => workflow?.id === 'workflow-1')).toBe(true);
    expect(store.asked).toEqual(['workflow-1']);
  });

  it('remembers for a moment that there is none', async () => {
    expect(await directory.find('nobody')).toBeUndefined();
    expect(await directory.find('nobody')).toBeUndefined();
    expect(store.asked).toHaveLength(1);

    now += SETTINGS.unknownMs;
    await store.create(aWorkflow({ id: 'nobody', name: 'other' }), aRevision());
    expect(await directory.find('nobody')).toMatchObject({ id: 'nobody' });
  });

  it('notices that a workflow is gone', async () => {
    await directory.find('workflow-1');
    now += SETTINGS.freshMs;
    store.deleted = true;

    expect(await directory.find('workflow-1')).toBeUndefined();
    store.outage.begin();
    now += SETTINGS.unknownMs;
    await expect(directory.find('workflow-1')).rejects.toThrow(StoreUnavailableError);
  });

  it('holds no more than it may, and made-up ids push no workflow out', async () => {
    await directory.find('workflow-1');
    for (let index = 0; index < 50; index += 1) await directory.find(`made up ${index}`);

    store.asked.length = 0;
    await directory.find('workflow-1');

    expect(store.asked).toEqual([]);
  });
});

describe('peek', () => {
  it('gives what is there, fresh or not, and never asks the store', async () => {
    expect(directory.peek('workflow-1')).toBeUndefined();
    await directory.find('workflow-1');
    store.asked.length = 0;

    now = NOW + SETTINGS.freshMs + SETTINGS.staleMsMax;
    expect(directory.peek('workflow-1')).toEqual(aWorkflow());
    now += 1;
    expect(directory.peek('workflow-1')).toBeUndefined();
    expect(store.asked).toEqual([]);
  });
});

describe('findByToken', () => {
  it('asks the store for the token, whatever is in the cache', async () => {
    await directory.find('workflow-1');
    await store.addToken('workflow-1', aWorkflowToken({ hash: 'new' }));
    store.asked.length = 0;

    expect(await directory.findByToken('new')).toMatchObject({ id: 'workflow-1' });
    expect(await directory.findByToken('other')).toBeUndefined();
    expect(store.asked).toEqual(['token new', 'token other']);
    // It is known from now on.
    expect((await directory.find('workflow-1'))?.tokens).toHaveLength(1);
    expect(store.asked).toHaveLength(2);
  });

  it('asks once for all who ask at the same moment', async () => {
    await Promise.all(Array.from({ length: 20 }, () => directory.findByToken('wrong')));

    expect(store.asked).toEqual(['token wrong']);
  });

  it('remembers for a moment that it is nobody’s, until something changes', async () => {
    await directory.findByToken('early');
    expect(await directory.findByToken('early')).toBeUndefined();
    expect(store.asked).toHaveLength(1);

    await store.addToken('workflow-1', aWorkflowToken({ hash: 'early' }));
    now += SETTINGS.unknownMs;
    expect(await directory.findByToken('early')).toMatchObject({ id: 'workflow-1' });

    await directory.findByToken('soon');
    await store.addToken('workflow-1', aWorkflowToken({ id: 'second', hash: 'soon' }));
    directory.invalidate('workflow-1');
    expect(await directory.findByToken('soon')).toMatchObject({ id: 'workflow-1' });
  });

  it('holds no more than it may: made-up tokens push no workflow out', async () => {
    await directory.find('workflow-1');
    for (let index = 0; index < 50; index += 1) await directory.findByToken(`made up ${index}`);
    store.asked.length = 0;

    await directory.find('workflow-1');
    expect(store.asked).toEqual([]);
    // The oldest of them was forgotten: three are kept.
    await directory.findByToken('made up 46');
    expect(store.asked).toEqual(['token made up 46']);
  });

  it('keeps nothing that a look which began before a change brings', async () => {
    store.holding = true;
    const before = directory.findByToken('early');
    await store.addToken('workflow-1', aWorkflowToken({ hash: 'early' }));
    directory.invalidate('workflow-1');
    store.release();
    expect(await before).toBeUndefined();

    expect(await directory.findByToken('early')).toMatchObject({ id: 'workflow-1' });
  });

  it('grants and refuses nobody while the store is away', async () => {
    await directory.find('workflow-1');
    store.outage.begin();

    await expect(directory.findByToken('any')).rejects.toThrow(StoreUnavailableError);
  });
});

describe('changed', () => {
  it('forgets what is of another version, and keeps what is not', async () => {
    await directory.find('workflow-1');
    directory.changed('workflow-1', 1);
    await directory.find('workflow-1');
    expect(store.asked).toHaveLength(1);

    directory.changed('workflow-1', 2);
    await directory.find('workflow-1');
    expect(store.asked).toHaveLength(2);
  });
});

describe('invalidate', () => {
  it('makes the next look go to the store', async () => {
    await directory.find('workflow-1');
    await store.addToken('workflow-1', aWorkflowToken());

    directory.invalidate('workflow-1');

    expect((await directory.find('workflow-1'))?.tokens).toHaveLength(1);
  });

  it('makes an unknown workflow known at once', async () => {
    await directory.find('other');
    await store.create(aWorkflow({ id: 'other', name: 'other' }), aRevision());

    directory.invalidate('other');

    expect(await directory.find('other')).toBeDefined();
  });

  it('keeps nothing that a look which began before it brings', async () => {
    store.holding = true;
    const before = directory.find('workflow-1');
    await store.addToken('workflow-1', aWorkflowToken());
    directory.invalidate('workflow-1');
    store.release();
    expect((await before)?.tokens).toEqual([]);

    expect((await directory.find('workflow-1'))?.tokens).toHaveLength(1);
    expect(store.asked).toHaveLength(2);
  });
});

describe('while the store is away', () => {
  it('serves what it has until that is too old', async () => {
    await directory.find('workflow-1');
    store.outage.begin();

    now = NOW + SETTINGS.freshMs + SETTINGS.staleMsMax;
    expect(await directory.find('workflow-1')).toEqual(aWorkflow());
    now += SETTINGS.unknownMs + 1;
    await expect(directory.find('workflow-1')).rejects.toThrow(StoreUnavailableError);
  });

  it('asks the store at times, not for everybody', async () => {
    await directory.find('workflow-1');
    store.outage.begin();
    now += SETTINGS.freshMs;
    store.asked.length = 0;

    for (let index = 0; index < 10; index += 1) await directory.find('workflow-1');

    expect(store.asked).toHaveLength(1);
  });

  it('never takes an unknown workflow for one that is not there', async () => {
    await directory.find('nobody');
    store.outage.begin();
    now += SETTINGS.unknownMs;

    await expect(directory.find('nobody')).rejects.toThrow(StoreUnavailableError);
    await expect(directory.find('never seen')).rejects.toThrow(StoreUnavailableError);
  });

  it('does not serve what was invalidated', async () => {
    await directory.find('workflow-1');
    store.outage.begin();

    directory.invalidate('workflow-1');

    await expect(directory.find('workflow-1')).rejects.toThrow(StoreUnavailableError);
  });

  it('goes back to the store when that is back', async () => {
    await directory.find('workflow-1');
    store.outage.begin();
    now += SETTINGS.freshMs;
    await directory.find('workflow-1');

    store.outage.end();
    await store.addToken('workflow-1', aWorkflowToken());
    now += SETTINGS.unknownMs;

    expect((await directory.find('workflow-1'))?.tokens).toHaveLength(1);
  });
});

describe('revision', () => {
  it('serves one that was seen for ever', async () => {
    expect(await directory.revision('workflow-1', 1)).toEqual(aRevision());
    store.outage.begin();
    now += SETTINGS.staleMsMax * 10;

    expect(await directory.revision('workflow-1', 1)).toEqual(aRevision());
    await expect(directory.revision('workflow-1', 2)).rejects.toThrow(StoreUnavailableError);
  });

  it('asks again for one that was not there', async () => {
    expect(await directory.revision('other', 1)).toBeUndefined();
    await store.create(
      aWorkflow({ id: 'other', name: 'other' }),
      aRevision({ workflowId: 'other' }),
    );

    expect(await directory.revision('other', 1)).toBeDefined();
  });
});
