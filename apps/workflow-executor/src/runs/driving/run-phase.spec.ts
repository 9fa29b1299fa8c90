import { type ActivityState, type TaskState } from '@app/workflow-engine';
import { madeProgress } from './run-phase.js';

const AT = 1_767_225_600_000;
const FAILURE = { level: 'task', code: 'HTTP_STATUS', message: 'was 503', task: 'call' } as const;

function stateWith(call: TaskState): ActivityState {
  return { status: 'running', startedAt: AT, tasks: { call }, results: {} };
}

describe(madeProgress, () => {
  const calling = { status: 'running', attempt: 1, keyAttempt: 1, startedAt: AT } as const;
  const slotless = {
    status: 'waiting',
    on: { kind: 'slot', slot: 'http-call', since: AT, until: AT + 250 },
    attempt: 1,
    keyAttempt: 1,
    startedAt: AT,
  } as const;
  const failed = {
    ...slotless,
    attempt: 2,
    on: { kind: 'retry', since: AT, until: AT + 250, failure: FAILURE },
  } as const;
  const over = {
    status: 'succeeded',
    attempt: 1,
    startedAt: AT,
    endedAt: AT,
    results: {},
  } as const;

  it.each<readonly [boolean, string, TaskState, TaskState]>([
    [false, 'a call is handed out once more', calling, { ...calling, repeats: 1 }],
    [false, 'there is no slot for a call', calling, slotless],
    [false, 'a call without a slot is handed out', slotless, { ...calling, repeats: 1 }],
    [true, 'an attempt failed', calling, failed],
    [true, 'a call ended', calling, over],
  ])('is %s when %s', (moves, _, before, after) => {
    expect(madeProgress(stateWith(before), stateWith(after))).toBe(moves);
  });
});
