import { DEFAULT_WORKFLOW_CACHE_SETTINGS, type Workflow, WorkflowCache } from '@app/persistence';
import {
  MemoryActivityStore,
  MemoryRejectedRequestStore,
  MemoryWorkflowStore,
  NOW,
  aRevision,
  aWorkflow,
} from '@app/persistence/testing';
import { mintToken } from './tokens/workflow-token.js';
import { WorkflowAccess } from './workflow-access.js';

const FACTS = { trigger: 'event' } as const;
const { freshMs } = DEFAULT_WORKFLOW_CACHE_SETTINGS;
const mine = mintToken('mine', NOW);
const theirs = mintToken('theirs', NOW);

/** Remembers what it is asked, in the order it is asked. */
class CountedStore extends MemoryWorkflowStore {
  readonly calls: string[] = [];

  override async get(id: string): Promise<Workflow | undefined> {
    this.calls.push('get');
    return super.get(id);
  }

  override async getByToken(hash: string): Promise<Workflow | undefined> {
    this.calls.push('getByToken');
    return super.getByToken(hash);
  }
}

/** A listener with two workflows in its store. */
class Listener {
  now = NOW;
  readonly store = new CountedStore();
  readonly access: WorkflowAccess;

  private constructor() {
    const clock = (): number => this.now;
    const cache = new WorkflowCache(this.store, DEFAULT_WORKFLOW_CACHE_SETTINGS, clock);
    const rejectedRequests = new MemoryRejectedRequestStore(new MemoryActivityStore());
    this.access = new WorkflowAccess(cache, rejectedRequests, clock, true);
  }

  static async start(): Promise<Listener> {
    const listener = new Listener();
    for (const [id, { token }] of Object.entries({ mine, theirs })) {
      const workflow = aWorkflow({ id, name: id, tokens: [token] });
      await listener.store.create(workflow, aRevision({ workflowId: id }));
    }
    return listener;
  }

  /** Brings the workflow into the cache. */
  async warm(): Promise<void> {
    await this.access.authorize('mine', mine.text, FACTS);
  }

  /** What a request does until it is answered, and how it is answered. */
  async workOf(id: string, token: string | undefined): Promise<string> {
    this.store.calls.length = 0;
    const error: unknown = await this.access.authorize(id, token, FACTS).catch((e: unknown) => e);
    return JSON.stringify([this.store.calls, String(error), error]);
  }
}

describe('whether there is a workflow', () => {
  it.each<[string, (listener: Listener) => Promise<void>]>([
    ['nothing is in the cache', () => Promise.resolve()],
    ['the workflow is in the cache', (listener) => listener.warm()],
    [
      'what is in the cache is due',
      async (listener) => {
        await listener.warm();
        listener.now += freshMs + 1;
      },
    ],
    [
      'the store is away and the workflow in the cache',
      async (listener) => {
        await listener.warm();
        listener.store.outage.begin();
      },
    ],
    [
      'the store is away and what is in the cache due',
      async (listener) => {
        await listener.warm();
        listener.now += freshMs + 1;
        listener.store.outage.begin();
      },
    ],
    [
      'the store is away and nothing in the cache',
      (listener) => {
        listener.store.outage.begin();
        return Promise.resolve();
      },
    ],
  ])('is not told by what is done when %s', async (_when, prepare) => {
    for (const token of ['wrong', theirs.text, '', undefined]) {
      const work: string[][] = [];
      for (const id of ['mine', 'nobody']) {
        const listener = await Listener.start();
        await prepare(listener);
        work.push([await listener.workOf(id, token), await listener.workOf(id, token)]);
      }
      expect(work[0]).toEqual(work[1]);
    }
  });

  it('is not told after a look that one of the two has had before', async () => {
    const listener = await Listener.start();
    await listener.warm();

    const unknown = await listener.workOf('nobody', 'first');
    const known = await listener.workOf('mine', 'second');
    expect(known).toBe(unknown);
    // The same token again is not looked for again, whatever it is shown for.
    expect(await listener.workOf('nobody', 'second')).toBe(await listener.workOf('mine', 'first'));
  });

  it('is found out at once by whoever has the token of a new one', async () => {
    const { store, access } = await Listener.start();
    for (let index = 0; index < 100; index += 1) {
      await expect(access.authorize('new', `wrong ${index}`, FACTS)).rejects.toThrow('token');
    }
    const { text, token } = mintToken('new', NOW);
    const workflow = aWorkflow({ id: 'new', name: 'new', tokens: [token] });
    await store.create(workflow, aRevision({ workflowId: 'new' }));

    expect(await access.authorize('new', text, FACTS)).toMatchObject({ id: 'new' });
  });
});
