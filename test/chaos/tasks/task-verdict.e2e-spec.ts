import { BUILT_IN_TASKS } from '@app/workflow-engine';
import { type ActivityView } from '../../support/flow-api.js';
import { brokenTaskPromises, type TaskEvidence } from './task-verdict.js';
import { EXPECTED, taskWorkflows } from './task-workflows.js';

const RUN: ActivityView = {
  id: 'a',
  workflowId: 'w',
  status: 'succeeded',
  createdAt: '2020-04-05T17:31:00.000Z',
  tasks: [],
  results: {},
};
const DONE = { calls: 1, done: true };
const IN_LOCK = { path: '/enter', body: '{"lock":"1"}' };
const INTERRUPTED = [
  { ...IN_LOCK, idempotencyKey: 'a:enter:1' },
  { ...IN_LOCK, idempotencyKey: 'b:enter:1' },
  { ...IN_LOCK, path: '/leave', idempotencyKey: 'a:leave:1' },
];

function broken(workflow: string, changes: Partial<TaskEvidence> = {}): string {
  const evidence = {
    begun: [{ id: 'a', workflow, n: 3 }],
    activities: [RUN],
    children: [],
    effects: new Map(),
    lockCalls: [],
    slotCalls: [],
    told: [],
    ...changes,
  };
  return brokenTaskPromises(evidence).join('; ');
}

describe(brokenTaskPromises.name, () => {
  it('finds nothing where all ended once', () => {
    const results = { twice: 6, kind: 'odd', found: [3] };
    expect(broken('computes', { activities: [{ ...RUN, results }] })).toBe('');
    const children = ['b', 'c', 'd', 'e', 'f'].map((id) => ({ ...RUN, id }));
    const effects = new Map(children.map(({ id }) => [`${id}:call:1`, DONE]));
    const activities = [{ ...RUN, results: { done: 3 } }];
    expect(broken('parent', { activities, children, effects })).toBe('');
  });

  it.each<[string, string, Partial<TaskEvidence>]>([
    ['is gone', 'computes', { activities: [] }],
    ['is waiting', 'computes', { activities: [{ ...RUN, status: 'waiting' }] }],
    ['has twice = 5', 'computes', { activities: [{ ...RUN, results: { twice: 5 } }] }],
    ['is succeeded', 'stops', {}],
    ['last of a (cleans) was carried out 0 times', 'cleans', {}],
    [
      'enter of a (excludes) was carried out 2 times',
      'excludes',
      {
        effects: new Map([
          ['a:enter:1', DONE],
          ['a:enter:2', DONE],
        ]),
      },
    ],
    ['runs have begun 1 others, not 5', 'parent', { children: [{ ...RUN, id: 'b' }] }],
    ['has sent 2 events', 'calls', { told: ['a:tell:1', 'a:tell:2'] }],
    ['a lock that b has', 'excludes', { lockCalls: INTERRUPTED }],
    ['a slot that b has', 'bounded', { slotCalls: INTERRUPTED }],
  ])('finds what %s', (problem, workflow, changes) => {
    expect(broken(workflow, changes)).toContain(problem);
  });
});

describe(taskWorkflows.name, () => {
  const workflows = taskWorkflows('http://target');

  it('has a task of each type there is, and events to a URL and to NATS', () => {
    const tasks = Object.values(workflows).flatMap(({ tasks: own }) =>
      Object.values(own as Readonly<Record<string, Readonly<Record<string, unknown>>>>),
    );
    const types = new Set(tasks.flatMap((task) => Object.keys(task)));
    // The short form implies these.
    const missing = [...BUILT_IN_TASKS.keys()].filter((type) => !['start', 'end'].includes(type));
    expect(missing.filter((type) => !types.has(type))).toEqual([]);
    const ways = tasks.flatMap(({ event }) => Object.keys((event as object | undefined) ?? {}));
    expect(ways).toEqual(expect.arrayContaining(['nats', 'url']));
  });

  it('says of each what a run of it comes to', () => {
    expect(Object.keys(workflows).toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });
});
