import { childActivityIdOf } from '@app/events';
import { anEvent, NOW } from '@app/persistence/testing';
import { type ChildRequest } from '@app/workflow-engine';
import { ChildFixture, PARENT } from './testing/child-fixture.js';

const REQUEST: ChildRequest = {
  ...{ task: 'call', attempt: 1, workflow: 'called', params: {}, waits: true },
};

let fixture: ChildFixture;

beforeEach(async () => {
  fixture = await ChildFixture.withParent();
});

describe('the descendants of a run', () => {
  const behind = { activity: 'root', task: 'call', attempt: 1, generation: 1, waits: true };

  async function askBy(id: string, root: string): Promise<string | undefined> {
    await fixture.activities.record({ ...PARENT, id });
    const parent = { ...behind, activity: root };
    await fixture.service.request(REQUEST, { ...PARENT, id, parent }, NOW);
    const [told] = (await fixture.inboxOf(id)) as readonly { readonly code?: string }[];
    return told?.code;
  }

  it('are at most CHILD_DESCENDANTS_MAX, whichever run asks', async () => {
    await fixture.activities.record({ ...PARENT, id: 'root' });

    const told = [await askBy('a', 'root'), await askBy('b', 'root'), await askBy('c', 'root')];
    expect(told).toEqual([undefined, undefined, 'CHILD_TOO_MANY']);
    expect(await fixture.activities.statusOf(childActivityIdOf('c', 'call', 1))).toBe('failed');
    // Of another root, there is room.
    await fixture.activities.record({ ...PARENT, id: 'root2' });
    expect(await askBy('d', 'root2')).toBeUndefined();
  });

  it('are counted for the first run, at any distance', async () => {
    await fixture.activities.record({ ...PARENT, id: 'root' });
    await askBy('a', 'root');
    const child = childActivityIdOf('a', 'call', 1);
    const { parent } = (await fixture.activities.get(child)) ?? {};

    expect(parent).toMatchObject({ activity: 'a', generation: 2, root: 'root' });
    await fixture.service.request(REQUEST, { ...PARENT, id: child, parent }, NOW);
    expect(await askBy('b', 'root')).toBe('CHILD_TOO_MANY');
  });

  it('are counted for the run that begins them if the first one is not recorded any more', async () => {
    expect(await askBy('a', 'gone')).toBeUndefined();
    expect(await fixture.activities.countDescendant('a', 1)).toBe('full');
  });

  it('are counted for the first run also across events of tasks', async () => {
    await fixture.activities.record({ ...PARENT, id: 'root' });
    const flowroot = fixture.roots.textOf('root', anEvent());
    const event = anEvent({ extensions: { flowroot } });
    const told: unknown[] = [];
    for (const id of ['a', 'b', 'c']) {
      await fixture.activities.record({ ...PARENT, id });
      await fixture.service.request(REQUEST, { ...PARENT, id, event }, NOW);
      told.push(...(await fixture.inboxOf(id)));
    }

    expect(told).toMatchObject([{ code: 'CHILD_TOO_MANY' }]);
    const child = await fixture.activities.get(childActivityIdOf('a', 'call', 1));
    expect(child?.parent).toMatchObject({ activity: 'a', root: 'root' });
  });

  it('are not counted for a run that no task began', async () => {
    await fixture.service.request(REQUEST, PARENT, NOW);

    expect(await fixture.activities.countDescendant('parent', 1)).toBe('counted');
  });
});

describe('a workflow whose monthly quota is used up', () => {
  it('is not begun by a task, while a run that was begun before is found', async () => {
    const quotas = { runsPerMonth: 1 };
    await fixture.workflows.switch('workflow-1', { quotas }, undefined);
    await fixture.service.request(REQUEST, PARENT, NOW);
    await fixture.activities.record({ ...PARENT, id: 'other' });
    await fixture.service.request(REQUEST, { ...PARENT, id: 'other' }, NOW);
    await fixture.service.request(REQUEST, PARENT, NOW);

    expect(await fixture.inboxOf('parent')).toEqual([]);
    expect(await fixture.inboxOf('other')).toMatchObject([
      { kind: 'child-refused', code: 'QUOTA_EXCEEDED' },
    ]);
  });
});
