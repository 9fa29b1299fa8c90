import { jest } from '@jest/globals';
import { type Activity } from '@app/persistence';
import { aNewActivity, aState, MemoryActivityStore, NOW } from '@app/persistence/testing';
import { type ActivityState, type TaskState } from '@app/workflow-engine';
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

/** What a commit of the run does meanwhile: it takes all signals. */
function takeInbox(activities: MemoryActivityStore, state: ActivityState): void {
  const found = activities.peek('one');
  if (found) activities.put({ ...found, state, inbox: [] });
}

/** Does something before the read of this number. */
function beforeRead(activities: MemoryActivityStore, number: number, act: () => void): void {
  const get = activities.get.bind(activities);
  let reads = 0;
  jest.spyOn(activities, 'get').mockImplementation((id) => {
    reads += 1;
    if (reads === number) act();
    return get(id);
  });
}

describe('resuming an activity', () => {
  it('finds the paused task among any number of waiting ones', async () => {
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

describe('a repeated request', () => {
  const paused = { kind: 'paused', since: NOW, failure: FAILURE } as const;
  const begun = { status: 'waiting', attempt: 2, keyAttempt: 2, startedAt: NOW } as const;
  const waiting = aState({ status: 'waiting', tasks: { call: { ...begun, on: paused } } });

  it('counts once with an Idempotency-Key, also after it has had its effect', async () => {
    const { activities, signals } = rig(waiting);
    await signals.resume('one', SAID, 'k');
    await signals.resume('one', SAID, 'k');
    const [signal, ...others] = activities.peek('one')?.inbox ?? [];
    const taken = [signal?.id ?? ''];
    const after = rig({ ...waiting, taken, tasks: {} });

    await after.signals.resume('one', SAID, 'k');
    expect(others).toEqual([]);
    expect(after.activities.peek('one')?.inbox).toEqual([]);
    await expect(after.signals.resume('one', SAID, 'other')).rejects.toMatchObject({
      code: 'ACTIVITY_NOT_PAUSED',
    });
  });

  it('counts once also if it has ended the run', async () => {
    const force = { outcome: 'succeeded', ...SAID } as const;
    const { activities, signals } = rig(waiting);
    await signals.force('one', 'call', force, 'k');
    const [sent] = activities.peek('one')?.inbox ?? [];
    const { id: request = '' } = sent ?? {};
    const operation = { at: NOW, what: 'succeeded', task: 'call', ...SAID, request } as const;
    const after = rig(aState({ status: 'succeeded', tasks: {}, operations: [operation] }));
    const found = after.activities.peek('one');
    if (found) after.activities.put({ ...found, status: 'succeeded' });

    expect(sent).toMatchObject({ kind: 'force', request });
    await after.signals.force('one', 'call', force, 'k');
    const others = [{ by: 'eve' }, { reason: 'another' }, { results: { sum: 1 } }];
    for (const other of others) {
      const again = after.signals.force('one', 'call', { ...force, ...other }, 'k');
      await expect(again).rejects.toMatchObject({ code: 'ACTIVITY_ENDED' });
    }
  });

  it('counts once also if the first has its effect while the second is on its way', async () => {
    const force = { outcome: 'succeeded', ...SAID } as const;
    const { activities, signals } = rig(waiting);
    await signals.force('one', 'call', force, 'k');
    const taken = (activities.peek('one')?.inbox ?? []).map(({ id }) => id);
    const succeeded = { ...begun, status: 'succeeded', endedAt: NOW, results: {} } as const;
    beforeRead(activities, 2, () => {
      takeInbox(activities, { ...waiting, taken, tasks: { call: succeeded } });
    });

    await signals.force('one', 'call', force, 'k');
    expect(activities.peek('one')?.inbox).toEqual([]);
  });

  it('is a different one for another task or action', async () => {
    const { activities, signals } = rig(waiting);
    const force = { outcome: 'retried', ...SAID } as const;
    await signals.force('one', 'call', force, 'k');
    await signals.force('one', 'call', force, 'k');
    await signals.force('one', 'call', { ...force, outcome: 'failed' }, 'k');
    await signals.force('one', 'call', force);
    await signals.force('one', 'call', force);

    expect(activities.peek('one')?.inbox).toHaveLength(4);
  });
});

describe('a vote', () => {
  it('counts for the attempt in which it was given', async () => {
    const on = { kind: 'approval', open: 1, since: NOW } as const;
    const state = { status: 'waiting', attempt: 3, keyAttempt: 3, startedAt: NOW, on } as const;
    const { activities, signals } = rig(aState({ status: 'waiting', tasks: { ask: state } }));

    await signals.vote('one', 'ask', { voter: { label: 'ada' }, verdict: 'approved' });

    expect(activities.peek('one')?.inbox).toMatchObject([{ kind: 'vote', attempt: 3 }]);
  });

  it('is refused as given if the run takes the first while the second is on its way', async () => {
    const { activities, signals } = askingFor({});
    const vote = { voter: { label: 'ada' }, verdict: 'approved' } as const;
    await signals.vote('one', 'ask', vote);
    const { state, inbox = [] } = activities.peek('one') ?? {};
    const append = activities.signal.bind(activities);
    jest.spyOn(activities, 'signal').mockImplementationOnce((id, signal) => {
      takeInbox(activities, { ...aState(state), taken: inbox.map((one) => one.id) });
      return append(id, signal);
    });

    await expect(signals.vote('one', 'ask', vote)).rejects.toMatchObject({ code: 'VOTE_GIVEN' });
    expect(activities.peek('one')?.inbox).toEqual([]);
  });

  it.each([
    ['a group, of one of it', { group: 'finance' }, { label: 'ada', groups: ['finance'] }],
    ['a group, of the installation', { group: 'finance' }, { label: 'root', groups: 'every' }],
    ['members, of one of them', { group: 'finance', members: ['ada'] }, { label: 'ada' }],
    ['nobody in particular', {}, { label: 'eve' }],
  ] as const)('is accepted if the task asks %s', async (_what, asked, voter) => {
    const { activities, signals } = askingFor(asked);

    await signals.vote('one', 'ask', { voter, verdict: 'approved' });

    expect(activities.peek('one')?.inbox).toMatchObject([{ kind: 'vote', by: voter.label }]);
  });

  it.each([
    ['the group "finance"', { group: 'finance' }, { label: 'eve', groups: ['sales'] }],
    ['the group "finance"', { group: 'finance' }, { label: 'finance' }],
    ['its members, ada, bob', { members: ['ada', 'bob'] }, { label: 'eve' }],
    [
      'its members, ada',
      { group: 'finance', members: ['ada'] },
      { label: 'eve', groups: ['finance'] },
    ],
  ] as const)('is accepted from %s and nobody else', async (who, asked, voter) => {
    const { activities, signals } = askingFor(asked);

    await expect(signals.vote('one', 'ask', { voter, verdict: 'approved' })).rejects.toMatchObject({
      code: 'VOTER_NOT_ASKED',
      message: expect.stringContaining(`who may vote: ${who}`) as string,
    });
    expect(activities.peek('one')?.inbox).toEqual([]);
  });
});

function askingFor({
  group,
  members,
}: {
  readonly group?: string;
  readonly members?: readonly string[];
}) {
  const on = { kind: 'approval', open: 1, since: NOW, ...(group && { group }) } as const;
  const memory = { votes: [], ...(members && { members }) };
  const begun = { status: 'waiting', attempt: 1, keyAttempt: 1, startedAt: NOW } as const;
  return rig(aState({ status: 'waiting', tasks: { ask: { ...begun, on, memory } } }));
}
