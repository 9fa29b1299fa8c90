import { childActivityIdOf } from '@app/events';
import { aCommit, aState, NOW } from '@app/persistence/testing';
import { ChildFixture, PARENT } from './testing/child-fixture.js';

let fixture: ChildFixture;

beforeEach(async () => {
  fixture = await ChildFixture.withParent();
});

describe('children for the items of a list', () => {
  const MANY = {
    ...{ task: 'each', attempt: 1, workflow: 'called', params: { order: 7 }, from: 4 },
    items: ['a', 'b'],
  };
  const ids = [4, 5].map((index) => childActivityIdOf('parent', 'each', 1, index));

  async function endOf(id: string, state: Parameters<typeof aState>[0]): Promise<void> {
    await fixture.activities.commit(aCommit({ id, state: aState({ endedAt: NOW, ...state }) }));
  }

  it('are made once each, and the task is notified', async () => {
    await fixture.service.requestMany(MANY, PARENT, NOW);
    await fixture.service.requestMany(MANY, PARENT, NOW);

    const { children } = await fixture.activities.children('parent', { limit: 10 });
    expect(children.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    expect(await fixture.activities.get(ids[1] ?? '')).toMatchObject({
      event: { data: { value: { order: 7, item: 'b', index: 5 } } },
      parent: { activity: 'parent', task: 'each', attempt: 1, index: 5 },
    });
    expect(await fixture.inboxOf('parent')).toMatchObject([
      { kind: 'children-made', task: 'each', attempt: 1, upTo: 6 },
    ]);
  });

  it('are refused once if none can be made', async () => {
    await fixture.service.requestMany({ ...MANY, workflow: 'nobody' }, PARENT, NOW);

    expect(await fixture.inboxOf('parent')).toMatchObject([
      { kind: 'child-refused', task: 'each', code: 'WORKFLOW_NOT_FOUND' },
    ]);
  });

  it('report their end by index, without results', async () => {
    await fixture.service.requestMany(MANY, PARENT, NOW);
    await endOf(ids[0] ?? '', { status: 'succeeded', results: { sum: 1 } });

    await fixture.service.ended({ ...PARENT, id: ids[0] ?? '' });
    await fixture.service.lookAtMany({ task: 'each', attempt: 1, open: [4, 5] }, PARENT);

    expect((await fixture.inboxOf('parent')).slice(1)).toMatchObject([
      { kind: 'child-ended', index: 4, status: 'succeeded', results: {} },
    ]);
  });

  it('report the end that their driver has written, without a read', async () => {
    await fixture.service.requestMany(MANY, PARENT, NOW);
    const id = ids[1] ?? '';
    const parent = (await fixture.activities.get(id))?.parent;
    const readsBefore = fixture.reads.asked;

    const failure = { level: 'workflow', code: 'X', message: 'it broke' } as const;
    const state = aState({ status: 'failed', failure, endedAt: NOW });
    await fixture.service.ended({ ...PARENT, id, parent, state });

    expect(fixture.reads.asked).toBe(readsBefore);
    expect((await fixture.inboxOf('parent')).slice(1)).toMatchObject([
      { kind: 'child-ended', index: 5, status: 'failed', failure },
    ]);
  });

  it('are cancelled if they are named', async () => {
    await fixture.service.requestMany(MANY, PARENT, NOW);
    await fixture.service.cancelMany({ task: 'each', attempt: 1, open: [5, 6] }, PARENT);

    expect(await fixture.inboxOf(ids[0] ?? '')).toEqual([]);
    expect(await fixture.inboxOf(ids[1] ?? '')).toMatchObject([{ kind: 'cancel' }]);
  });

  it('fail the task if they are gone when it looks', async () => {
    await fixture.service.lookAtMany({ task: 'each', attempt: 1, open: [4] }, PARENT);

    expect(await fixture.inboxOf('parent')).toMatchObject([
      { kind: 'child-refused', code: 'CHILD_GONE' },
    ]);
  });

  it('have their results gathered in order, null for one that did not succeed', async () => {
    await fixture.service.requestMany({ ...MANY, from: 0 }, PARENT, NOW);
    const of = (index: number): string => childActivityIdOf('parent', 'each', 1, index);
    await endOf(of(0), { status: 'failed' });
    await endOf(of(1), { status: 'succeeded', results: { sum: 2 } });

    await fixture.service.collect({ task: 'each', attempt: 1, total: 2 }, PARENT);

    expect((await fixture.inboxOf('parent')).at(-1)).toMatchObject({
      kind: 'children-results',
      results: [null, { sum: 2 }],
    });
  });

  it.each([
    ['too many', 1_001, {}],
    ['too large', 1, { all: 'x'.repeat(300_000) }],
    ['too large as JSON', 1, { all: '\u0001'.repeat(50_000) }],
  ])('keep their results in their own records if those are %s', async (_what, total, results) => {
    const items = ['a'];
    await fixture.service.requestMany({ ...MANY, from: 0, items }, PARENT, NOW);
    await endOf(childActivityIdOf('parent', 'each', 1, 0), { status: 'succeeded', results });

    await fixture.service.collect({ task: 'each', attempt: 1, total }, PARENT);

    const signal = (await fixture.inboxOf('parent')).at(-1);
    expect(signal).toMatchObject({ kind: 'children-results' });
    expect(signal).not.toHaveProperty('results');
  });
});
