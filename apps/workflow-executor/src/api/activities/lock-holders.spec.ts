import { PermissionDeniedError, type Principal } from '@app/auth';
import { type Activity, type LockHolder, type LockStore } from '@app/persistence';
import { anEvent, aState, NOW } from '@app/persistence/testing';
import { activityView, type ActivityView } from './activity-view.js';
import { LockHolders } from './lock-holders.js';

const READER: Principal = { label: 'ann', role: 'viewer', scope: { kind: 'everything' } };

function waiting(on: object): Activity {
  const task = { status: 'waiting', attempt: 1, keyAttempt: 1, startedAt: NOW, on } as never;
  const waitingFor = [{ task: 'enter', what: 'the lock', since: NOW, ...on } as never];
  const state = aState({ status: 'waiting', tasks: { enter: task }, waitingFor });
  return {
    ...{ id: 'waits', workflowId: 'w', workflowRevision: 1, lockVersion: 1, inbox: [] },
    ...{ trigger: 'event', status: 'waiting', createdAt: NOW, event: anEvent(), state },
  };
}

const ACTIVITY = waiting({ kind: 'lock', lock: 'door', since: NOW });

function heldBy(activity: string, task = 'has-it'): Pick<LockStore, 'holderOf'> {
  const holder: LockHolder = {
    ...{ lock: 'door', activity, task, attempt: 1, askedAt: NOW },
    ...{ grantedAt: Date.UTC(2026, 0), isSignalled: true },
  };
  return { holderOf: async (lock) => (lock === 'door' ? holder : undefined) };
}

/** Lets everybody read everything but one activity. */
function allBut(hidden: string): ConstructorParameters<typeof LockHolders>[2] {
  return {
    require: async (_reader, action, _target, id) => {
      if (action !== 'activity:read' || id === hidden) throw new PermissionDeniedError(action);
    },
  };
}

function shown(
  locks: Pick<LockStore, 'holderOf'>,
  { activity = ACTIVITY, hidden = '' } = {},
): Promise<ActivityView> {
  const activities = { workflowOf: async (id: string) => `workflow of ${id}` };
  const holders = new LockHolders(locks, activities, allBut(hidden));
  return holders.addTo(activityView(activity), activity, READER);
}

describe(LockHolders.name, () => {
  it('names who has the lock, since when', async () => {
    const { waitingFor } = await shown(heldBy('other'));

    expect(waitingFor).toMatchObject([
      {
        ...{ task: 'enter', kind: 'lock' },
        heldBy: {
          ...{ activityId: 'other', workflowId: 'workflow of other', task: 'has-it' },
          since: '2026-01-01T00:00:00.000Z',
        },
      },
    ]);
  });

  it.each([
    ['of an activity that the reader may not read', shown(heldBy('other'), { hidden: 'other' })],
    ['if nobody has it', shown({ holderOf: async () => undefined })],
    ['if the task itself has it and has not noticed', shown(heldBy('waits', 'enter'))],
    [
      'of another kind of wait',
      shown(heldBy('other'), { activity: waiting({ kind: 'event', topic: 'door', since: NOW }) }),
    ],
  ])('names nobody %s', async (_when, view) => {
    expect(JSON.stringify((await view).waitingFor)).not.toContain('heldBy');
    expect(JSON.stringify(await view)).not.toContain('other');
  });

  it('names another task of the same run, for which it waits in vain', async () => {
    const { waitingFor } = await shown(heldBy('waits'));

    expect(waitingFor).toMatchObject([{ heldBy: { activityId: 'waits', task: 'has-it' } }]);
  });
});
