import { setImmediate as nextTurn } from 'node:timers/promises';
import { jest } from '@jest/globals';
import {
  DEFAULT_WORKFLOW_CACHE_SETTINGS,
  type RejectedRequest,
  type Workflow,
  WorkflowCache,
} from '@app/persistence';
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
  /** Answers of `getAgain` that had a workflow in them. */
  sent = 0;

  override async get(id: string): Promise<Workflow | undefined> {
    this.calls.push('get');
    return super.get(id);
  }

  override async getAgain(id: string, known: Workflow | undefined): Promise<Workflow | undefined> {
    const workflow = await super.getAgain(id, known);
    this.calls.push('getAgain');
    if (workflow !== known) this.sent += 1;
    return workflow;
  }

  override async existing(ids: readonly string[]): Promise<ReadonlySet<string>> {
    this.calls.push(`existing: ${ids.length}`);
    return super.existing(ids);
  }

  override async getByToken(hash: string): Promise<Workflow | undefined> {
    this.calls.push('getByToken');
    return super.getByToken(hash);
  }
}

class CountedRecords extends MemoryRejectedRequestStore {
  added = 0;

  override add(request: RejectedRequest): void {
    this.added += 1;
    super.add(request);
  }
}

/** A listener with two workflows in its store. */
class Listener {
  now = NOW;
  readonly store = new CountedStore();
  readonly records = new CountedRecords(new MemoryActivityStore());
  readonly access: WorkflowAccess;

  private constructor() {
    const clock = (): number => this.now;
    const cache = new WorkflowCache(this.store, DEFAULT_WORKFLOW_CACHE_SETTINGS, clock);
    this.access = new WorkflowAccess(cache, this.records, clock, true);
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
    // What goes on after the answer would slow the next request.
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    return JSON.stringify([this.store.calls, this.records.added, String(error), error]);
  }

  /** The same for one that is signed wrongly. */
  async workOfSigned(id: string): Promise<string> {
    this.store.calls.length = 0;
    const wrong = (): boolean => false;
    const error: unknown = await this.access
      .authorizeSigned(id, wrong, FACTS)
      .catch((e: unknown) => e);
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    return JSON.stringify([this.store.calls, this.records.added, String(error), error]);
  }
}

// The moment at which rejected requests are looked at comes in no test by itself.
beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }));
afterEach(() => jest.useRealTimers());

describe('the existence of a workflow', () => {
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
  ])('does not show in the work of a request when %s', async (_when, prepare) => {
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

  it('does not show in the work after the answer, which comes at a random moment', async () => {
    const listener = await Listener.start();
    await listener.warm();
    await listener.workOf('mine', 'wrong');
    await listener.workOf('nobody', 'wrong');
    expect(listener.records.added).toBe(0);
    listener.store.calls.length = 0;

    await listener.access.beforeApplicationShutdown();

    expect(listener.store.calls).toEqual(['existing: 2']);
    expect(listener.records.added).toBe(1);
  });

  it('does not show in the work for a wrong signature', async () => {
    const listener = await Listener.start();
    await listener.warm();
    listener.store.sent = 0;

    for (let moment = 0; moment < 3; moment += 1) {
      listener.now += freshMs + 1;
      const works = [await listener.workOfSigned('mine'), await listener.workOfSigned('nobody')];
      expect(works[0]).toContain('["getAgain"]');
      expect(works[1]).toBe(works[0]);
      // Within the moment neither is looked for again.
      expect(await listener.workOfSigned('mine')).toBe(await listener.workOfSigned('nobody'));
    }
    expect(listener.store.sent).toBe(0);
  });

  it('does not show after an earlier query about one of the two workflows', async () => {
    const listener = await Listener.start();
    await listener.warm();

    const unknown = await listener.workOf('nobody', 'first');
    const known = await listener.workOf('mine', 'second');
    expect(known).toBe(unknown);
    // The same token again is not looked for again, whatever it is shown for.
    expect(await listener.workOf('nobody', 'second')).toBe(await listener.workOf('mine', 'first'));
  });

  it('is known at once to a sender with the token of a new workflow', async () => {
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
