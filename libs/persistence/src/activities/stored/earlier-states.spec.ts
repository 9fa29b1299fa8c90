import { type ActivityState, type TaskState } from '@app/workflow-engine';
import { toDomain } from './activity-mapping.js';
import { stateChange } from './state-change.js';
import { type ActivityDocument } from './activity-document.js';

const FAILURE = { level: 'task', code: 'HTTP_STATUS', message: 'was 503', task: 'call' } as const;
const AT = 1_767_225_600_000;

/** A run as version 0.2 stored it, with a retry, a call that waits for a slot and a call that is under way. */
const STORED = {
  _id: 'a'.repeat(32),
  workflowId: 'w',
  workflowRevision: 1,
  trigger: 'event',
  status: 'waiting',
  revision: 4,
  createdAt: new Date(AT),
  inbox: [],
  wakeAt: new Date(AT + 9_000),
  run: { startedAt: AT, results: { json: '{}' } },
  tasks: [
    { name: 'start', status: 'succeeded', attempt: 1, startedAt: AT, endedAt: AT },
    {
      name: 'call',
      status: 'waiting',
      for: 'retry',
      attempt: 2,
      keyAttempt: 1,
      startedAt: AT + 5,
      until: AT + 9_000,
      failure: { json: JSON.stringify(FAILURE) },
    },
    {
      name: 'full',
      status: 'waiting',
      for: 'place',
      attempt: 1,
      keyAttempt: 1,
      repeats: 2,
      unsent: 2,
      startedAt: AT + 6,
      until: AT + 9_500,
    },
    { name: 'under-way', status: 'running', attempt: 1, keyAttempt: 1, startedAt: AT },
    { name: 'end', status: 'pending' },
  ],
  waitingFor: [
    { task: 'call', what: 'attempt 2', since: AT + 5, until: AT + 9_000 },
    { task: 'full', what: 'a place', since: AT + 6, until: AT + 9_500 },
    { task: 'under-way', what: 'the answer', since: AT },
  ],
} as unknown as ActivityDocument;

function stateOf(document: ActivityDocument): ActivityState {
  const { state } = toDomain(document);
  if (!state) throw new Error('The stored run has no state');
  return state;
}

describe('a run that version 0.2 stored', () => {
  it('waits for the same, in the form of this version', () => {
    const { tasks, waitingFor } = stateOf(STORED);

    expect(tasks['call']).toEqual({
      status: 'waiting',
      on: { kind: 'retry', since: AT + 5, until: AT + 9_000, failure: FAILURE },
      attempt: 2,
      keyAttempt: 1,
      startedAt: AT + 5,
    });
    expect(tasks['full']).toEqual({
      status: 'waiting',
      on: { kind: 'slot', slot: 'http-call', since: AT + 6, until: AT + 9_500 },
      attempt: 1,
      keyAttempt: 1,
      repeats: 2,
      unsent: 2,
      startedAt: AT + 6,
    });
    expect(waitingFor?.map(({ kind }) => kind)).toEqual(['retry', 'slot', 'call']);
  });

  it('can be read by version 0.2 after this version has written it', () => {
    const { tasks = [] } = stateChange(stateOf(STORED)).set;

    for (const [at, task] of (STORED.tasks ?? []).entries()) expect(tasks[at]).toMatchObject(task);
  });

  it('is stored in the form of this version, too, and is read back the same', () => {
    const state = stateOf(STORED);
    const again = stateOf({ ...STORED, ...stateChange(state).set });

    expect(again).toEqual(state);
  });

  it('keeps waits of kinds that version 0.2 does not know', () => {
    const on = { kind: 'event', topic: 'paid', since: AT } as const;
    const task: TaskState = { status: 'waiting', on, attempt: 1, keyAttempt: 1, startedAt: AT };
    const state = { ...stateOf(STORED), tasks: { task } };
    const { tasks = [] } = stateChange(state).set;

    expect(stateOf({ ...STORED, tasks }).tasks['task']).toEqual(task);
    expect(tasks[0]).not.toHaveProperty('for');
  });
});
