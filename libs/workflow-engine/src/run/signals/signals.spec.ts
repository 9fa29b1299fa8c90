import { type ActivityState, type Advance, type Input } from '../../state/activity-state.js';
import { EARLY_SIGNALS_MAX, TAKEN_SIGNALS_MAX } from '../../bounds.js';
import { type Plan } from '../../plan/plan.js';
import { type EventSignal, type Signal } from '../../state/signal.js';
import {
  anHttpTask,
  aPlan,
  aScope,
  aTask,
  cancelled,
  NOW,
  succeeded,
} from '../../testing/builders.js';
import { advance } from '../advance.js';
import { begin } from '../begin.js';
import { breakRun } from '../end-run.js';
import { workflowFailure } from '../../state/failure.js';
import { nextWakeAt } from '../open-status.js';

const SCOPE = aScope();

function step(plan: Plan, state: ActivityState, now: number, ...inputs: readonly Input[]): Advance {
  return advance(plan, state, SCOPE, [...inputs, { kind: 'time' }], now);
}

function begun(plan: Plan): Advance {
  return step(plan, begin(plan, SCOPE, NOW), NOW);
}

function signalled(signal: Signal): Input {
  return { kind: 'signal', signal };
}

function paid(id: string, rest: Partial<EventSignal> = {}): Input {
  return signalled({ id, at: NOW, kind: 'event', topic: 'paid', payload: id, ...rest });
}

function vote(id: string, by: string): Input {
  return signalled(voteOf(id, by));
}

function voteOf(id: string, by: string) {
  return { id, at: NOW, kind: 'vote', task: 'ask', by, verdict: 'approved' } as const;
}

const aWait = aTask('wait', 'topic', ['start'], { topic: 'paid' });
const TWO = aPlan([aWait, aTask('again', 'topic', ['wait'], { topic: 'paid' })]);

describe('a task that waits for time', () => {
  const plan = aPlan([aTask('sleep', 'timer', ['start'], { ms: 5_000 })]);

  it('shows its wait, and succeeds when the time has come', () => {
    const { state } = begun(plan);

    expect(state.waitingFor).toEqual([
      { task: 'sleep', kind: 'timer', what: 'its time', since: NOW, until: NOW + 5_000 },
    ]);
    expect(nextWakeAt(state)).toBe(NOW + 5_000);
    expect(step(plan, state, NOW + 4_999).state).toBe(state);
    expect(step(plan, state, NOW + 5_000).state.status).toBe('succeeded');
  });

  it('fails when its own timeout is sooner', () => {
    const timeoutMs = 1_000;
    const sleep = aTask('sleep', 'timer', ['start'], { ms: 5_000 }, { timeoutMs });
    const short = aPlan([sleep], [{ taskRef: 'sleep', executionCondition: 'success' }]);
    const { state } = begun(short);

    expect(nextWakeAt(state)).toBe(NOW + 1_000);
    const over = step(short, state, NOW + 1_000).state;
    expect(over.tasks['sleep']).toMatchObject({
      status: 'timedout',
      failure: { code: 'TASK_TIMEOUT' },
    });
  });
});

describe('an event', () => {
  it('moves on the task that waits for its topic, with its payload', () => {
    const { state, outbox } = step(TWO, begun(TWO).state, NOW + 1, paid('a'));

    expect(state.tasks['wait']).toMatchObject({ status: 'succeeded', results: { payload: 'a' } });
    expect(state.tasks['again']).toMatchObject({ on: { kind: 'event', since: NOW + 1 } });
    expect(outbox).toMatchObject([{ id: '1', kind: 'status', key: 'activity-1' }]);
  });

  it('is applied once, however often it comes, then and later', () => {
    const once = step(TWO, begun(TWO).state, NOW, paid('a'), paid('a')).state;
    expect(once.tasks['again']).toMatchObject({ status: 'waiting' });

    const later = step(TWO, once, NOW + 1, paid('a'));
    expect(later).toEqual({ state: once, effects: [], outbox: [] });
    expect(later.state).toBe(once);
    expect(step(TWO, once, NOW + 1, paid('b')).state.status).toBe('succeeded');
  });

  it('waits for its task when it comes early, in the order in which it came', () => {
    const plan = aPlan([
      anHttpTask('call'),
      aTask('wait', 'topic', ['call'], { topic: 'paid' }),
      aTask('again', 'topic', ['wait'], { topic: 'paid' }),
    ]);
    const early = step(plan, begun(plan).state, NOW, paid('a'), paid('b')).state;
    expect(early.early).toHaveLength(2);

    const { state } = step(plan, early, NOW + 5, succeeded('call'));
    expect(state.status).toBe('succeeded');
    expect(state.tasks).toMatchObject({
      wait: { results: { payload: 'a' } },
      again: { results: { payload: 'b' } },
    });
    expect(state).not.toHaveProperty('early');
    expect(state).not.toHaveProperty('taken');
  });

  it('moves on all that wait for it at the same time', () => {
    const both = aPlan(
      [aWait, aTask('other', 'topic', ['start'], { topic: 'paid' })],
      ['wait', 'other'],
    );

    expect(step(both, begun(both).state, NOW, paid('a')).state.status).toBe('succeeded');
  });

  it('with the outcome `failed` begins another attempt, which waits anew', () => {
    const retry = { attemptsMax: 2, backoff: 'fixed', delayMs: 10, delayMsMax: 10 } as const;
    const plan = aPlan([{ ...aWait, retry }]);
    const failed = step(plan, begun(plan).state, NOW, paid('a', { outcome: 'failed' })).state;
    expect(failed.tasks['wait']).toMatchObject({ on: { kind: 'retry' }, attempt: 2 });

    // It comes before the next attempt waits.
    const early = step(plan, failed, NOW + 5, paid('b')).state;
    expect(early.early).toHaveLength(1);
    expect(step(plan, early, NOW + 10).state.status).toBe('succeeded');
  });

  it('is not kept when nothing in the run may ever wait for it', () => {
    const plan = aPlan([anHttpTask('call')]);

    const { state } = step(plan, begun(plan).state, NOW, paid('a'));
    expect(state).not.toHaveProperty('early');
    expect(state.taken).toEqual(['a']);
  });

  it('is counted as lost beyond what a run keeps', () => {
    const plan = aPlan([anHttpTask('call'), aTask('wait', 'topic', ['call'], { topic: 'paid' })]);
    const many = Array.from({ length: EARLY_SIGNALS_MAX + 2 }, (_, at) => paid(`event-${at}`));
    const { state } = step(plan, begun(plan).state, NOW, ...many);

    expect(state.early).toHaveLength(EARLY_SIGNALS_MAX);
    expect(state.earlyLost).toBe(2);
  });

  it('is remembered among so many others', () => {
    const plan = aPlan([anHttpTask('call')]);
    const many = Array.from({ length: TAKEN_SIGNALS_MAX + 5 }, (_, at) => paid(`event-${at}`));
    const { taken = [] } = step(plan, begun(plan).state, NOW, ...many).state;

    expect(taken).toHaveLength(TAKEN_SIGNALS_MAX);
    expect(taken.at(-1)).toBe(`event-${TAKEN_SIGNALS_MAX + 4}`);
  });
});

describe('votes', () => {
  const plan = aPlan([aTask('ask', 'votes', ['start'], { count: 2 })]);

  it('count once for each voter and each signal', () => {
    const one = step(plan, begun(plan).state, NOW, vote('1', 'ada'), vote('1', 'bob')).state;
    expect(one.tasks['ask']).toMatchObject({ on: { open: 1 }, memory: { by: ['ada'] } });
    const same = step(plan, one, NOW, vote('2', 'ada')).state;
    expect(same.tasks['ask']).toMatchObject({ on: { open: 1 } });

    const over = step(plan, same, NOW, vote('3', 'bob')).state;
    expect(over.tasks['ask']).toMatchObject({ results: { by: ['ada', 'bob'] } });
  });

  it('count only for the attempt in which they were given', () => {
    const of = (attempt: number, by: string): Input =>
      signalled({ ...voteOf(`${attempt} ${by}`, by), attempt });
    const late = step(plan, begun(plan).state, NOW, of(2, 'ada'), of(0, 'eve')).state;
    const one = step(plan, late, NOW, of(1, 'bob')).state;
    expect(one.tasks['ask']).toMatchObject({ on: { open: 1 }, memory: { by: ['bob'] } });
  });
});

describe('what a run holds outside', () => {
  const held = aPlan([
    aTask('take', 'lock', ['start'], { lock: 'ingress' }),
    anHttpTask('call', ['take']),
    aTask('free', 'unlock', ['call'], { lock: 'ingress' }),
  ]);
  const granted = signalled({
    id: 'g',
    at: NOW,
    kind: 'lock-granted',
    task: 'take',
    attempt: 1,
    lock: 'ingress',
  });
  const kinds = ({ outbox }: Advance): readonly string[] => outbox.map(({ kind }) => kind);

  it('is asked for and given back once, in order', () => {
    const asked = begun(held);
    expect(asked.outbox).toMatchObject([{ id: '1', kind: 'lock-request', key: 'ingress' }]);
    const locked = step(held, asked.state, NOW, granted);
    expect(locked.state.tasks['take']).toMatchObject({ status: 'succeeded' });
    expect(kinds(locked)).toEqual([]);

    const over = step(held, locked.state, NOW, succeeded('call'));
    expect(over.state.status).toBe('succeeded');
    expect(over.outbox).toMatchObject([{ id: '2', kind: 'lock-release' }]);
    expect(over.state).not.toHaveProperty('holds');
  });

  it.each<readonly [string, (state: ActivityState) => Advance]>([
    ['is cancelled', (state) => step(held, state, NOW, cancelled())],
    ['is ended by the executor', (state) => breakRun(state, workflowFailure('X', 'x'), [], NOW)],
  ])('is given back when the run %s', (_, end) => {
    const { state } = step(held, begun(held).state, NOW, granted);

    expect(kinds(end(state))).toEqual(['lock-release']);
  });

  it('is given back when the run ends without releasing it', () => {
    const plan = aPlan([aTask('take', 'lock', ['start'], { lock: 'ingress' })]);
    const over = step(plan, begun(plan).state, NOW, granted);

    expect(over.state.status).toBe('succeeded');
    expect(kinds(over)).toEqual(['lock-release']);
  });
});

describe('the result of a worker', () => {
  const retry = { attemptsMax: 2, backoff: 'fixed', delayMs: 10, delayMsMax: 10 } as const;
  const extras = { retry, timeoutMs: 1_000 };
  const plan = aPlan([aTask('work', 'worker', ['start'], { queue: 'mail' }, extras)]);
  const result = (id: string, attempt: number): Input =>
    signalled({
      id,
      at: NOW,
      kind: 'worker-result',
      task: 'work',
      attempt,
      outcome: { kind: 'succeeded', results: { sent: id } },
    });

  it('counts for the attempt that waits and no other; work that took too long is taken back', () => {
    const late = step(plan, begun(plan).state, NOW + 1_000);
    expect(late.outbox).toMatchObject([{ kind: 'task-cancelled', key: 'mail' }]);
    const second = step(plan, late.state, NOW + 1_010);
    expect(second.outbox).toMatchObject([{ kind: 'queued-task', payload: { attempt: 2 } }]);

    const fenced = step(plan, second.state, NOW + 1_011, result('a', 1)).state;
    expect(fenced.tasks['work']).toEqual(second.state.tasks['work']);
    expect(fenced).not.toHaveProperty('early');
    const over = step(plan, fenced, NOW + 1_012, result('b', 2));
    expect(over.state.tasks['work']).toMatchObject({ results: { sent: 'b' } });
    expect(over.outbox).toEqual([]);
  });

  it('is decided by an operator when none comes; no attempt follows', () => {
    const forced = signalled({
      id: 'f',
      at: NOW,
      kind: 'force',
      task: 'work',
      outcome: 'failed',
      reason: 'nobody is there',
      by: 'ada',
    });
    const { state, outbox } = step(plan, begun(plan).state, NOW, forced);

    expect(state.tasks['work']).toMatchObject({
      status: 'failed',
      failure: { code: 'TASK_FORCED', message: 'Ended by ada: nobody is there' },
    });
    expect(outbox).toMatchObject([{ kind: 'task-cancelled' }]);
  });
});

describe('a call that waits for a slot', () => {
  it('ends with its run: cancelled, or when the workflow takes too long', () => {
    const plan = aPlan([anHttpTask('call')], ['call'], { timeoutMs: 5_000 });
    const told: Input = {
      kind: 'task-result',
      result: { task: 'call', attempt: 1, outcome: { kind: 'queued' } },
    };
    const { state } = step(plan, begun(plan).state, NOW, told);

    expect(nextWakeAt(state)).toBe(NOW + 5_000);
    expect(step(plan, state, NOW + 5_000).state).toMatchObject({
      status: 'timedout',
      tasks: { call: { status: 'timedout' } },
    });
    expect(step(plan, state, NOW, cancelled()).state.tasks['call']).toMatchObject({
      status: 'cancelled',
    });
  });
});
