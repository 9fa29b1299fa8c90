import { childActivityIdOf } from '@app/events';
import { anEvent, NOW } from '@app/persistence/testing';
import { type ChildRequest } from '@app/workflow-engine';
import { ChildRig, PARENT } from './testing/child-rig.js';

const REQUEST: ChildRequest = {
  ...{ task: 'call', attempt: 1, workflow: 'called', params: {}, waits: true },
};

let rig: ChildRig;

beforeEach(async () => {
  rig = await ChildRig.withParent();
});

describe('the descendants of a run', () => {
  const behind = { activity: 'root', task: 'call', attempt: 1, generation: 1, waits: true };

  async function askBy(id: string, root: string): Promise<string | undefined> {
    await rig.activities.record({ ...PARENT, id });
    const parent = { ...behind, activity: root };
    await rig.service.request(REQUEST, { ...PARENT, id, parent }, NOW);
    const [told] = (await rig.inboxOf(id)) as readonly { readonly code?: string }[];
    return told?.code;
  }

  it('are at most CHILD_DESCENDANTS_MAX, whichever run asks', async () => {
    await rig.activities.record({ ...PARENT, id: 'root' });

    const told = [await askBy('a', 'root'), await askBy('b', 'root'), await askBy('c', 'root')];
    expect(told).toEqual([undefined, undefined, 'CHILD_TOO_MANY']);
    expect(await rig.activities.statusOf(childActivityIdOf('c', 'call', 1))).toBe('failed');
    // Of another root, there is room.
    await rig.activities.record({ ...PARENT, id: 'root2' });
    expect(await askBy('d', 'root2')).toBeUndefined();
  });

  it('are counted for the first run, at any distance', async () => {
    await rig.activities.record({ ...PARENT, id: 'root' });
    await askBy('a', 'root');
    const child = childActivityIdOf('a', 'call', 1);
    const { parent } = (await rig.activities.get(child)) ?? {};

    expect(parent).toMatchObject({ activity: 'a', generation: 2, root: 'root' });
    await rig.service.request(REQUEST, { ...PARENT, id: child, parent }, NOW);
    expect(await askBy('b', 'root')).toBe('CHILD_TOO_MANY');
  });

  it('are counted for the run that begins them if the first one is not recorded any more', async () => {
    expect(await askBy('a', 'gone')).toBeUndefined();
    expect(await rig.activities.countDescendant('a', 1)).toBe('full');
  });

  it('are counted for the first run also across events of tasks', async () => {
    await rig.activities.record({ ...PARENT, id: 'root' });
    const flowroot = rig.roots.textOf('root', anEvent());
    const event = anEvent({ extensions: { flowroot } });
    const told: unknown[] = [];
    for (const id of ['a', 'b', 'c']) {
      await rig.activities.record({ ...PARENT, id });
      await rig.service.request(REQUEST, { ...PARENT, id, event }, NOW);
      told.push(...(await rig.inboxOf(id)));
    }

    expect(told).toMatchObject([{ code: 'CHILD_TOO_MANY' }]);
    const child = await rig.activities.get(childActivityIdOf('a', 'call', 1));
    expect(child?.parent).toMatchObject({ activity: 'a', root: 'root' });
  });

  it('are not counted for a run that no task began', async () => {
    await rig.service.request(REQUEST, PARENT, NOW);

    expect(await rig.activities.countDescendant('parent', 1)).toBe('counted');
  });
});

describe('a workflow whose monthly quota is used up', () => {
  it('is not begun by a task, while a run that was begun before is found', async () => {
    const quotas = { runsPerMonth: 1 };
    await rig.workflows.switch('workflow-1', { quotas }, undefined);
    await rig.service.request(REQUEST, PARENT, NOW);
    await rig.activities.record({ ...PARENT, id: 'other' });
    await rig.service.request(REQUEST, { ...PARENT, id: 'other' }, NOW);
    await rig.service.request(REQUEST, PARENT, NOW);

    expect(await rig.inboxOf('parent')).toEqual([]);
    expect(await rig.inboxOf('other')).toMatchObject([
      { kind: 'child-refused', code: 'QUOTA_EXCEEDED' },
    ]);
  });
});
