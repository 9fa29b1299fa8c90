import { childActivityIdOf } from '@app/events';
import { NOW } from '@app/persistence/testing';
import { ChildRig, PARENT } from './testing/child-rig.js';

const REQUEST = { task: 'call', attempt: 1, workflow: 'called', params: { order: 7 } };
const CHILD = childActivityIdOf('parent', 'call', 1);

let rig: ChildRig;

beforeEach(async () => {
  rig = await ChildRig.withParent();
});

describe('making a child that begins later', () => {
  it('puts one that begins later on record as not due before, and tells nobody but the task', async () => {
    const notBefore = NOW + 86_400_000;
    await rig.service.request({ ...REQUEST, waits: false, notBefore }, PARENT, NOW);

    expect(await rig.activities.get(CHILD)).toMatchObject({
      status: 'queued',
      notBefore,
      wakeAt: notBefore,
      requires: ['start:later', 'task:run-workflow'],
    });
    expect(rig.told).toEqual(['parent']);
    expect(await rig.inboxOf('parent')).toMatchObject([{ kind: 'child-started', child: CHILD }]);
  });

  it('makes one whose time has passed due at once', async () => {
    await rig.service.request({ ...REQUEST, waits: false, notBefore: NOW - 1 }, PARENT, NOW);

    expect(await rig.activities.get(CHILD)).toMatchObject({ notBefore: NOW - 1, wakeAt: NOW });
  });
});
