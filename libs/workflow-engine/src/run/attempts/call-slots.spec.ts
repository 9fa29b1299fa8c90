import { type ActivityState, type Advance, type Input } from '../../state/activity-state.js';
import { type TaskResult } from '../../state/task-result.js';
import { anHttpTask, aPlan, aScope, cancelled, failed, NOW } from '../../testing/builders.js';
import { advance } from '../advance.js';
import { begin } from '../begin.js';
import { nextWakeAt } from '../open-status.js';

const RETRY = { attemptsMax: 3, backoff: 'fixed', delayMs: 10, delayMsMax: 10 } as const;
const PLAN = aPlan([{ ...anHttpTask('call'), timeoutMs: 1_000, retry: RETRY }]);
const SCOPE = aScope();
const TIME: Input = { kind: 'time' };

function step(state: ActivityState, now: number, ...inputs: readonly Input[]): Advance {
  return advance(PLAN, state, SCOPE, [...inputs, TIME], now);
}

function taskResult(outcome: TaskResult['outcome'], repeats = 0): Input {
  return { kind: 'task-result', result: { task: 'call', attempt: 1, repeats, outcome } };
}

function called(): ActivityState {
  return step(begin(PLAN, SCOPE, NOW), NOW).state;
}

describe('a call that has to wait for a slot', () => {
  it('has its time from when it begins', () => {
    const queued = step(called(), NOW + 10, taskResult({ kind: 'queued' })).state;
    expect(queued.waitingFor).toMatchObject([{ task: 'call', what: /a slot for/ }].map(matching));
    expect(nextWakeAt(queued)).toBeUndefined();

    const later = step(queued, NOW + 60_000);
    expect(later.state).toBe(queued);

    const begun = step(queued, NOW + 60_000, taskResult({ kind: 'begun' })).state;
    expect(begun.tasks['call']).toMatchObject({ startedAt: NOW + 60_000, timeoutAt: NOW + 61_000 });
    expect(begun.tasks['call']).not.toHaveProperty('queued');
    expect(step(begun, NOW + 61_000).state.tasks['call']).toMatchObject({
      status: 'waiting',
      on: { kind: 'retry', failure: { code: 'TASK_TIMEOUT' } },
    });
  });

  it('can be cancelled, and its run can end by its own timeout', () => {
    const queued = step(called(), NOW, taskResult({ kind: 'queued' })).state;

    expect(step(queued, NOW, cancelled()).state.status).toBe('cancelled');
  });

  it('has its whole time again when its executor died', () => {
    const queued = step(called(), NOW, taskResult({ kind: 'queued' })).state;

    const { state, effects } = step(queued, NOW + 9_000, { kind: 'resume' });

    expect(state.tasks['call']).toMatchObject({ repeats: 1, timeoutAt: NOW + 10_000 });
    expect(state.tasks['call']).not.toHaveProperty('queued');
    expect(effects).toHaveLength(1);
  });
});

describe('a call for which there is no slot', () => {
  const postponed = step(called(), NOW, taskResult({ kind: 'postponed', delayMs: 5_000 })).state;

  it('waits on record, and is handed out again with the same attempt and key', () => {
    expect(postponed).toMatchObject({
      status: 'waiting',
      tasks: { call: { on: { kind: 'slot' } } },
    });
    expect(nextWakeAt(postponed)).toBe(NOW + 5_000);

    const { state, effects } = step(postponed, NOW + 5_000);

    expect(effects).toMatchObject([{ attempt: 1, keyAttempt: 1, repeats: 1 }]);
    expect(state.tasks['call']).toMatchObject({ status: 'running', timeoutAt: NOW + 6_000 });
  });

  it('ignores what comes late for the hand-out that had no slot', () => {
    const again = step(postponed, NOW + 5_000).state;

    expect(step(again, NOW + 5_001, taskResult({ kind: 'postponed', delayMs: 1 })).state).toBe(
      again,
    );
  });

  it('sent nothing, so a definite failure after it gets a new key', () => {
    const again = step(postponed, NOW + 5_000).state;
    const after = step(again, NOW + 5_001, failed('call', 1, { repeats: 1 })).state;

    expect(after.tasks['call']).toMatchObject({ attempt: 2, keyAttempt: 2 });
  });

  it('keeps its key when a hand-out before is unknown', () => {
    const resumed = step(called(), NOW, { kind: 'resume' }).state;
    const away = step(resumed, NOW, taskResult({ kind: 'postponed', delayMs: 1 }, 1)).state;
    const again = step(away, NOW + 1).state;
    const after = step(again, NOW + 2, failed('call', 1, { repeats: 2 })).state;

    expect(after.tasks['call']).toMatchObject({ attempt: 2, keyAttempt: 1 });
  });
});

function matching({ task, what }: { readonly task: string; readonly what: RegExp }): unknown {
  return { task, what: expect.stringMatching(what) as unknown };
}
