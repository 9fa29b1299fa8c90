import { type ActivityState, type Input } from '../state/activity-state.js';
import { type ForceSignal } from '../state/signal.js';
import { type WaitingTask, type WaitKind, type WaitReason } from '../state/waiting.js';
import { workflowFailure } from '../state/failure.js';
import { aPlan, aRun, aScope, anHttpTask, cancelled, NOW } from '../testing/builders.js';
import { advance } from './advance.js';
import { openStatus } from './open-status.js';
import { isOver } from './task-transitions.js';
import { TaskTable } from './tasks/task-table.js';

const SINCE = NOW + 1;
const UNTIL = NOW + 60_000;
const failure = workflowFailure('HTTP_STATUS_REFUSED', 'It was 500');
const due = { since: SINCE, until: UNTIL };
const open = { since: SINCE };

/** A new kind does not compile before it stands here, with what would move it. */
const KINDS: { readonly [Kind in WaitKind]: readonly [WaitReason & { kind: Kind }, string] } = {
  retry: [{ kind: 'retry', failure, ...due }, 'attempt 1, because the one before failed'],
  paused: [{ kind: 'paused', failure, ...open }, 'an operator to retry, complete, fail or skip it'],
  slot: [{ kind: 'slot', slot: 'http-call', ...due }, 'a slot for the HTTP call of attempt 1'],
  timer: [{ kind: 'timer', ...due }, 'its time'],
  event: [{ kind: 'event', topic: 'paid', ...open }, 'an event of the topic "paid"'],
  approval: [
    { kind: 'approval', open: 2, group: 'finance', ...open },
    '2 more to approve of the group "finance"',
  ],
  lock: [{ kind: 'lock', lock: 'stock', ...open }, 'the lock "stock"'],
  children: [
    { kind: 'children', open: 1, workflow: 'invoice', ...open },
    'the end of 1 run(s) of "invoice" that it began',
  ],
  worker: [{ kind: 'worker', queue: 'mail', ...open }, 'a worker of the queue "mail"'],
};

const plan = aPlan([anHttpTask('task')]);
const scope = aScope();

function waitingOn(on: WaitReason): ActivityState {
  const task: WaitingTask = {
    ...{ status: 'waiting', on, attempt: 1, keyAttempt: 1, startedAt: NOW },
  };
  const state = aRun(plan, scope);
  const tasks = { ...state.tasks, task };
  return { ...state, tasks, ...openStatus(TaskTable.of(plan, tasks)) };
}

/** A wait of which an executor looks at a time of its own whether it goes on. */
const LOOKED_AT: readonly (readonly [WaitReason, WaitingTask['memory'], number | undefined])[] = [
  [{ kind: 'worker', queue: 'mail', ...due }, {}, undefined],
  [{ kind: 'children', open: 1, ...due }, {}, undefined],
  [{ kind: 'approval', open: 1, ...due }, { remindMs: 60_000 }, undefined],
  [{ kind: 'approval', open: 1, ...due }, { remindMs: 60_000, dueAt: UNTIL + 1 }, UNTIL + 1],
];

it.each(LOOKED_AT)('%j with %j ends at %j, or at its timeout before', (on, memory = {}, end) => {
  const untilWith = (more: Partial<WaitingTask>): number | undefined => {
    const begun = { attempt: 1, keyAttempt: 1, startedAt: NOW };
    const task: WaitingTask = { ...begun, status: 'waiting', on, memory, ...more };
    const tasks = { ...aRun(plan, scope).tasks, task };
    return openStatus(TaskTable.of(plan, tasks)).waitingFor?.[0]?.until;
  };

  expect(untilWith({})).toBe(end);
  expect(untilWith({ timeoutAt: UNTIL - 1 })).toBe(UNTIL - 1);
  expect(untilWith({ timeoutAt: UNTIL + 9 })).toBe(end ?? UNTIL + 9);
});

function forced(outcome: ForceSignal['outcome']): Input {
  const said = { id: outcome, at: SINCE, by: 'ada', reason: 'so it is' };
  return { kind: 'signal', signal: { ...said, kind: 'force', task: 'task', outcome } };
}

describe.each(Object.entries(KINDS))('what waits for %s', (_kind, [on, what]) => {
  const { kind, since } = on;

  it('says so: since when, until when if time moves it, and what would', () => {
    const until = 'until' in on && { until: on.until };
    const said = { task: 'task', kind, since, ...until };

    expect(waitingOn(on)).toMatchObject({ status: 'waiting', waitingFor: [said] });
    expect(waitingOn(on).waitingFor?.[0]?.what).toContain(what);
  });

  it.each(['succeeded', 'failed', 'skipped'] as const)(
    'is over when an operator says that it has %s, on record with who did',
    (outcome) => {
      const { task } = advance(plan, waitingOn(on), scope, [forced(outcome)], SINCE).state.tasks;

      expect(isOver(task?.status ?? 'pending')).toBe(true);
      expect(task).toMatchObject({ status: outcome, forced: { by: 'ada', reason: 'so it is' } });
    },
  );

  it('begins another attempt when an operator has it tried again', () => {
    const retried = advance(plan, waitingOn(on), scope, [forced('retried')], SINCE).state;
    const { state, effects } = advance(plan, retried, scope, [{ kind: 'time' }], SINCE);

    expect(state.tasks['task']).toMatchObject({ status: 'running' });
    expect(effects).toMatchObject([{ task: 'task' }]);
  });

  it('ends with the run when that is cancelled', () => {
    const { state } = advance(plan, waitingOn(on), scope, [cancelled()], SINCE);

    expect(state).toMatchObject({ status: 'cancelled', tasks: { task: { status: 'cancelled' } } });
  });
});
