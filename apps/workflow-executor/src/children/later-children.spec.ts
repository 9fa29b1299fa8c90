import { childActivityIdOf } from '@app/events';
import { NOW } from '@app/persistence/testing';
import { ChildFixture, PARENT } from './testing/child-fixture.js';

const REQUEST = { task: 'call', attempt: 1, workflow: 'called', params: { order: 7 } };
const CHILD = childActivityIdOf('parent', 'call', 1);

let fixture: ChildFixture;

beforeEach(async () => {
  fixture = await ChildFixture.withParent();
});

describe('making a child that begins later', () => {
  it('records it as due at its time, and notifies only the task', async () => {
    const notBefore = NOW + 86_400_000;
    await fixture.service.request({ ...REQUEST, waits: false, notBefore }, PARENT, NOW);

    expect(await fixture.activities.get(CHILD)).toMatchObject({
      status: 'queued',
      notBefore,
      wakeAt: notBefore,
      requires: ['start:later', 'task:run-workflow'],
    });
    expect(fixture.notified).toEqual(['parent']);
    expect(await fixture.inboxOf('parent')).toMatchObject([
      { kind: 'child-started', child: CHILD },
    ]);
  });

  it('makes it due at once if its time has passed', async () => {
    await fixture.service.request({ ...REQUEST, waits: false, notBefore: NOW - 1 }, PARENT, NOW);

    expect(await fixture.activities.get(CHILD)).toMatchObject({ notBefore: NOW - 1, wakeAt: NOW });
  });
});
