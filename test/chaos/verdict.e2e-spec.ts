import { type ActivityView, type TaskView } from '../support/flow-api.js';
import { type SentEvent } from './event-sender.js';
import { type SideEffect } from './side-effects.js';
import { brokenPromises, duplicatesIn, type Evidence } from './verdict.js';

const CALL: TaskView = { name: 'call', status: 'succeeded', attempt: 1 };

const EVENT: SentEvent = { id: '1', workflowId: 'w', activityIds: ['a'], rejections: [] };

const ACTIVITY: ActivityView = {
  id: 'a',
  workflowId: 'w',
  status: 'succeeded',
  createdAt: '2020-04-05T17:31:00.000Z',
  event: { id: '1', source: '/chaos' },
  tasks: [CALL],
  results: {},
};

const REJECTED_REQUEST: ActivityView = {
  id: 'r',
  workflowId: 'w',
  status: 'failed',
  createdAt: ACTIVITY.createdAt,
  tasks: [],
  results: {},
  refusal: { count: 3 },
};

const DONE: SideEffect = { calls: 1, done: true };
const REFUSED: SideEffect = { calls: 1, done: false };

function broken(changes: Partial<Evidence>): readonly string[] {
  return brokenPromises({
    events: [EVENT],
    activities: [ACTIVITY],
    effects: new Map([['a:call:1', DONE]]),
    callingTasks: new Set(['call']),
    ...changes,
  });
}

function activityWith(changes: Partial<ActivityView>): Partial<Evidence> {
  return { activities: [{ ...ACTIVITY, ...changes }] };
}

describe(brokenPromises.name, () => {
  it('finds nothing where each event ended once', () => {
    expect(broken({})).toEqual([]);
  });

  it('allows a call to repeat under its key, and a refused one under another', () => {
    const effects = new Map([
      ['a:call:1', REFUSED],
      ['a:call:2', { calls: 3, done: true }],
    ]);

    const retried = activityWith({ tasks: [{ ...CALL, attempt: 2 }] });
    expect(broken({ ...retried, effects })).toEqual([]);
  });

  it('does not count a rejected request as an activity of an event', () => {
    expect(broken({ activities: [ACTIVITY, REJECTED_REQUEST] })).toEqual([]);
  });

  it.each<[string, Partial<Evidence>, string]>([
    ['a lost event', { activities: [] }, 'has 0 activities'],
    ['a second activity', { activities: [ACTIVITY, { ...ACTIVITY, id: 'b' }] }, 'has 2 activities'],
    [
      'a receipt that names another activity',
      { events: [{ ...EVENT, activityIds: ['a', 'b'] }] },
      'was promised a and b',
    ],
    ['an event that was rejected', { events: [{ ...EVENT, rejections: ['409'] }] }, 'refused: 409'],
    ['an activity of nothing', { events: [] }, 'which nobody sent'],
    [
      'a call of no activity',
      {
        effects: new Map([
          ['a:call:1', DONE],
          ['x:call:1', DONE],
        ]),
      },
      'a task of no activity',
    ],
    ['an activity that stands still', activityWith({ status: 'running' }), 'is running'],
    ['an activity that failed', activityWith({ status: 'failed' }), 'is failed'],
    ['a call that was never made', { effects: new Map() }, 'was carried out 0 times'],
    [
      'a call that was carried out under two keys',
      {
        ...activityWith({ tasks: [{ ...CALL, attempt: 2 }] }),
        effects: new Map([
          ['a:call:1', DONE],
          ['a:call:2', DONE],
        ]),
      },
      'was carried out 2 times',
    ],
    [
      'a second key without a second attempt',
      {
        effects: new Map([
          ['a:call:1', REFUSED],
          ['a:call:2', DONE],
        ]),
      },
      'has 2 keys in 1 attempts',
    ],
  ])('finds %s', (_what, changes, problem) => {
    const problems = broken(changes);
    expect(problems.some((text) => text.includes(problem))).toBe(true);
  });
});

describe(duplicatesIn.name, () => {
  it('counts documents beyond the first, without rejected requests', () => {
    const activities = [
      ACTIVITY,
      { ...ACTIVITY, id: 'b' },
      REJECTED_REQUEST,
      { ...REJECTED_REQUEST, id: 's' },
    ];
    const effects = new Map([
      ['a:call:1', DONE],
      ['a:call:2', DONE],
      ['a:call:3', REFUSED],
      ['b:call:1', DONE],
    ]);

    expect(duplicatesIn({ activities, effects })).toEqual({ activities: 1, calls: 1 });
  });
});
