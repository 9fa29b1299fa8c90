import { childActivityIdOf } from '@app/events';
import { CompiledFilters, DEFAULT_FILTER_LIMITS } from '@app/filters';
import { type ActivityParent, type Workflow } from '@app/persistence';
import {
  aCommit,
  aRevision,
  aState,
  aWorkflow,
  type MemoryWorkflowStore,
  NOW,
} from '@app/persistence/testing';
import { type ChildRequest } from '@app/workflow-engine';
import { type EntryOrigin } from '../outbox/outbox-delivery.js';
import { ChildFixture, PARENT } from './testing/child-fixture.js';

const REQUEST: ChildRequest = {
  ...{ task: 'call', attempt: 1, workflow: 'called', params: { order: 7 }, waits: true },
};
const CHILD = childActivityIdOf('parent', 'call', 1);

let fixture: ChildFixture;

beforeEach(async () => {
  fixture = new ChildFixture();
  await fixture.activities.record(PARENT);
  await save();
});

async function save(
  changes: Partial<Workflow> = {},
  params: readonly string[] = [],
): Promise<void> {
  const id = changes.id ?? 'workflow-7';
  const task = { enabled: true };
  const workflow = aWorkflow({ id, name: 'called', triggers: { task }, ...changes });
  const required = params.map((name) => ({ name, required: true }));
  const { definition } = aRevision();
  await fixture.workflows.create(
    workflow,
    aRevision({ workflowId: id, definition: { ...definition, params: required } }),
  );
}

function origin(rest: Partial<EntryOrigin> = {}): EntryOrigin {
  return { ...PARENT, ...rest };
}

/** Puts the child's end on record. */
async function end(state: Parameters<typeof aState>[0]): Promise<EntryOrigin> {
  await fixture.activities.commit(
    aCommit({ id: CHILD, state: aState({ endedAt: NOW, ...state }) }),
  );
  return { ...PARENT, id: CHILD, parent: (await fixture.activities.get(CHILD))?.parent };
}

describe('making a child', () => {
  it('records it with its parameters alone, and begins it', async () => {
    await fixture.service.request(REQUEST, origin(), NOW);

    expect(await fixture.activities.get(CHILD)).toMatchObject({
      workflowId: 'workflow-7',
      trigger: 'task',
      status: 'queued',
      wakeAt: NOW + 500,
      requires: ['task:run-workflow'],
      event: {
        source: '/workflows/calling',
        subject: '/workflow-7',
        data: { value: { order: 7 } },
      },
      parent: { activity: 'parent', task: 'call', attempt: 1, generation: 1, waits: true },
    });
    expect(fixture.notified).toEqual([CHILD]);
    expect(await fixture.inboxOf('parent')).toEqual([]);
  });

  it('makes one run, however often it is requested, even if the name belongs to another workflow by then', async () => {
    await fixture.service.request(REQUEST, origin(), NOW);
    await fixture.workflows.remove('workflow-7', undefined);
    await save({ id: 'workflow-8' });

    await fixture.service.request(REQUEST, origin(), NOW);

    expect(await fixture.activities.get(CHILD)).toMatchObject({ workflowId: 'workflow-7' });
    expect((await fixture.activities.children('parent', { limit: 10 })).children).toHaveLength(1);
    expect((await fixture.activities.get(CHILD))?.conflicts).toBeUndefined();
  });

  it('continues after a step that broke off', async () => {
    fixture.activities.outage.begin();
    await expect(fixture.service.request(REQUEST, origin(), NOW)).rejects.toThrow();
    fixture.activities.outage.end();

    await fixture.service.request(REQUEST, origin(), NOW);

    expect(await fixture.activities.statusOf(CHILD)).toBe('queued');
  });

  it('notifies a task with wait: false as soon as the run is recorded, and again for a repeated request', async () => {
    const request = { ...REQUEST, waits: false };
    await fixture.service.request(request, origin(), NOW);
    await fixture.service.request(request, origin(), NOW);

    expect(await fixture.inboxOf('parent')).toMatchObject([
      { kind: 'child-started', task: 'call', attempt: 1, child: CHILD },
    ]);
  });

  it('finds the workflow by its id as well', async () => {
    await fixture.service.request({ ...REQUEST, workflow: 'workflow-7' }, origin(), NOW);

    expect(await fixture.activities.statusOf(CHILD)).toBe('queued');
  });

  const deep: ActivityParent = {
    ...{ activity: 'root', task: 'call', attempt: 1, generation: 3, waits: true },
  };
  it.each<[string, string, () => Promise<void>, { workflow?: string }, Partial<EntryOrigin>]>([
    ['WORKFLOW_NOT_FOUND', 'there is no such workflow', nothing, { workflow: 'nobody' }, {}],
    ['WORKFLOW_RETIRED', 'it is retired', () => switchTo({ status: 'retired' }), {}, {}],
    ['WORKFLOW_INACTIVE', 'it is inactive', () => switchTo({ status: 'inactive' }), {}, {}],
    ['TRIGGER_OFF', 'it lets no task start it', () => task({ enabled: false }), {}, {}],
    ['CHILD_UNWANTED', 'it lets no such task start it', () => task(FROM_OTHERS), {}, {}],
    ['CHILD_PARAM_MISSING', 'it needs another parameter', needsMore, {}, {}],
    ['CHILD_TOO_DEEP', 'too many have begun each other', nothing, {}, { parent: deep }],
  ])('notifies the task with %s when %s', async (code, _when, change, request, parent) => {
    await change();

    await fixture.service.request(
      { ...REQUEST, workflow: 'called', ...request },
      origin(parent),
      NOW,
    );

    expect(await fixture.activities.get(CHILD)).toMatchObject({
      ...{ status: 'failed', failure: { code }, workflowId: 'calling' },
      parent: { activity: 'parent', task: 'call', attempt: 1 },
    });
    expect(await fixture.inboxOf('parent')).toMatchObject([
      {
        kind: 'child-refused',
        task: 'call',
        attempt: 1,
        code,
        message: expect.any(String) as string,
      },
    ]);
    expect(fixture.notified).toEqual(['parent']);
  });

  it('records at the other workflow that its run was refused', async () => {
    await task({ enabled: false });
    await fixture.service.request(REQUEST, origin(), NOW);

    expect(fixture.rejected).toMatchObject([
      { workflowId: 'workflow-7', trigger: 'task', code: 'TRIGGER_OFF' },
    ]);
  });

  it('begins it only if its filter matches', async () => {
    await task({ enabled: true, filter: { exact: { source: '/workflows/calling' } } });
    await fixture.service.request(REQUEST, origin(), NOW);

    expect(await fixture.activities.statusOf(CHILD)).toBe('queued');
  });

  it.each([
    ['has it begin with room for its filter', DEFAULT_FILTER_LIMITS.stepsMax, 'queued'],
    ['does not where an operator leaves none', 1, 'failed'],
  ])('%s', async (_what, stepsMax, status) => {
    fixture = new ChildFixture(new CompiledFilters({ ...DEFAULT_FILTER_LIMITS, stepsMax }));
    await fixture.activities.record(PARENT);
    await save();
    const source = { field: '$.source', operation: 'equals', value: '/workflows/calling' };
    await task({ enabled: true, filter: { conditions: [source] } });
    await fixture.service.request(REQUEST, origin(), NOW);

    expect(await fixture.activities.statusOf(CHILD)).toBe(status);
  });
});

const FROM_OTHERS = { enabled: true, filter: { exact: { source: '/workflows/another' } } };

async function nothing(): Promise<void> {
  // As it is.
}

async function switchTo(switches: Parameters<MemoryWorkflowStore['switch']>[1]): Promise<void> {
  await fixture.workflows.switch('workflow-7', switches, undefined);
}

async function task(trigger: { enabled: boolean; filter?: object }): Promise<void> {
  await switchTo({ triggers: { task: trigger as { enabled: boolean } } });
}

async function needsMore(): Promise<void> {
  await fixture.workflows.remove('workflow-7', undefined);
  await save({ id: 'workflow-9' }, ['order', 'callback']);
}

describe('the end of a child', () => {
  beforeEach(() => fixture.service.request(REQUEST, origin(), NOW));

  it('is sent to the task once, with the outcome', async () => {
    const child = await end({ status: 'succeeded', results: { sum: 12 } });
    await fixture.service.ended(child);
    await fixture.service.ended(child);

    expect(await fixture.inboxOf('parent')).toMatchObject([
      {
        ...{ kind: 'child-ended', task: 'call', attempt: 1, child: CHILD, status: 'succeeded' },
        results: { sum: 12 },
      },
    ]);
    expect(fixture.notified.at(-1)).toBe('parent');
    expect(fixture.reads).toMatchObject({ asked: 2, open: 0 });
  });

  it('is sent with the failure', async () => {
    const failure = { level: 'workflow', code: 'END_NOT_REACHED', message: 'no path' } as const;
    await fixture.service.ended(await end({ status: 'failed', failure }));

    expect(await fixture.inboxOf('parent')).toMatchObject([{ status: 'failed', failure }]);
  });

  it.each([
    ['large', 'x'.repeat(300_000)],
    ['large as JSON', '\u0001'.repeat(50_000)],
  ])('is sent without results that are too %s for the inbox', async (_how, all) => {
    const results = { all };
    await fixture.service.ended(await end({ status: 'succeeded', results }));

    const [signal] = await fixture.inboxOf('parent');
    expect(signal).toMatchObject({ kind: 'child-ended', status: 'succeeded' });
    expect(signal).not.toHaveProperty('results');
  });

  it('is not sent to a run that is final or removed', async () => {
    await fixture.activities.commit(
      aCommit({ id: 'parent', state: aState({ status: 'cancelled', endedAt: NOW }) }),
    );

    await fixture.service.ended(await end({ status: 'succeeded' }));
    await fixture.service.ended({ ...(await end({ status: 'succeeded' })), id: 'gone' });

    expect(await fixture.inboxOf('parent')).toEqual([]);
    expect(fixture.notified).not.toContain('parent');
  });
});

describe('a look at a child', () => {
  it('sends its end if that was not sent', async () => {
    await fixture.service.request(REQUEST, origin(), NOW);
    await end({ status: 'cancelled' });

    await fixture.service.look(REQUEST, origin());

    expect(await fixture.inboxOf('parent')).toMatchObject([
      { kind: 'child-ended', status: 'cancelled' },
    ]);
  });

  it('sends nothing while it runs', async () => {
    await fixture.service.request(REQUEST, origin(), NOW);

    await fixture.service.look(REQUEST, origin());

    expect(await fixture.inboxOf('parent')).toEqual([]);
  });

  it('reports a removed child as gone', async () => {
    await fixture.service.look(REQUEST, origin());

    expect(await fixture.inboxOf('parent')).toMatchObject([
      { kind: 'child-refused', code: 'CHILD_GONE' },
    ]);
  });

  it('repeats that a child with wait: false is recorded', async () => {
    await fixture.service.request({ ...REQUEST, waits: false }, origin(), NOW);
    await fixture.service.look(REQUEST, origin());

    expect(await fixture.inboxOf('parent')).toMatchObject([
      { kind: 'child-started', child: CHILD },
    ]);
  });
});

describe('cancelling a child', () => {
  it('sends one cancel, and none without a child', async () => {
    await fixture.service.cancel(REQUEST, origin());
    await fixture.service.request(REQUEST, origin(), NOW);
    await fixture.service.cancel(REQUEST, origin());
    await fixture.service.cancel(REQUEST, origin());

    expect(await fixture.inboxOf(CHILD)).toMatchObject([{ kind: 'cancel' }]);
  });
});
