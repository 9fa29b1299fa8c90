import { type Activity } from '@app/persistence';
import { aNewActivity, aState, MemoryActivityStore, NOW } from '@app/persistence/testing';
import { type TaskState } from '@app/workflow-engine';
import { TaskSignals } from './task-signals.js';

const SAID = { by: 'ada', reason: 'the bank is back' };
const FAILURE = { level: 'task', code: 'HTTP_STATUS', message: 'it failed', task: 'call' } as const;

function rig(state: Activity['state']) {
  const activities = new MemoryActivityStore();
  const origin = aNewActivity({ id: 'one' });
  activities.put({
    ...origin,
    status: 'waiting',
    lockVersion: 2,
    inbox: [],
    ...(state && { state }),
  });
  const delivery = { deliver: () => undefined };
  return { activities, signals: new TaskSignals(activities, delivery as never, () => NOW) };
}

describe('resuming an activity', () => {
  it('finds the task that is paused however many others it waits for', async () => {
    const timer = { kind: 'timer', since: NOW, until: NOW + 1_000 } as const;
    const paused = { kind: 'paused', since: NOW, failure: FAILURE } as const;
    const begun = { status: 'waiting', attempt: 2, keyAttempt: 2, startedAt: NOW } as const;
    const names = Array.from({ length: 30 }, (_, at) => `timer-${at}`);
    const tasks: Record<string, TaskState> = {};
    for (const name of names) tasks[name] = { ...begun, on: timer };
    tasks['call'] = { ...begun, on: paused };
    // As many as are told of.
    const told = { kind: 'timer', what: 'its time', since: NOW } as const;
    const waitingFor = names.slice(0, 20).map((task) => ({ task, ...told }));
    const { activities, signals } = rig(aState({ status: 'waiting', tasks, waitingFor }));

    await signals.resume('one', SAID);

    expect(activities.peek('one')?.inbox).toMatchObject([{ kind: 'resume', ...SAID }]);
  });

  it('is refused when nothing waits for another attempt', async () => {
    const { signals } = rig(aState({ status: 'running' }));

    await expect(signals.resume('one', SAID)).rejects.toMatchObject({
      code: 'ACTIVITY_NOT_PAUSED',
    });
  });
});
