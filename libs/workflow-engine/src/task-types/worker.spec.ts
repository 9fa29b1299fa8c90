import { aPlan, aRun, aScope, aTask, NOW } from '../testing/builders.js';
import { toJsonText } from '@app/json';
import {
  OUTBOX_ENTRIES_MAX,
  TAKEN_SIGNALS_MAX,
  WAIT_MEMORY_CHARS_MAX,
  WORKER_INPUT_CHARS_MAX,
  WORKER_LINE_CHARS_MAX,
  WORKER_LINES_MAX,
} from '../bounds.js';
import { begin } from '../run/begin.js';
import { advance } from '../run/advance.js';
import { type ActivityState, type Input } from '../state/activity-state.js';
import { type OutboxEntry } from '../state/outbox-entry.js';
import { type WorkerProgressSignal, type WorkerResultSignal } from '../state/signal.js';

const RETRY = { attemptsMax: 3, backoff: 'fixed', delayMs: 10, delayMsMax: 10 } as const;
const PLAN = aPlan([
  aTask(
    'invoice',
    'generic',
    ['start'],
    { queue: 'invoices', input: { n: '$(params.n)' } },
    { retry: RETRY },
  ),
]);
const SCOPE = aScope({ n: 7 });
const MINUTES_5 = 300_000;

function signalOf(signal: Partial<WorkerResultSignal> | Partial<WorkerProgressSignal>): Input {
  const of = { id: 'one', at: NOW, task: 'invoice', queue: 'invoices.default', attempt: 1 };
  return { kind: 'signal', signal: { ...of, ...signal } as WorkerResultSignal };
}

function step(
  state: ActivityState,
  inputs: readonly Input[],
  now = NOW,
  pending: readonly OutboxEntry[] = [],
): { readonly state: ActivityState; readonly outbox: readonly OutboxEntry[] } {
  return advance(PLAN, state, SCOPE, inputs, now, pending);
}

const SUCCEEDED = { kind: 'succeeded', results: { ok: true } } as const;
const FAILED = {
  kind: 'failed',
  code: 'NOT_YET',
  message: '',
  retryable: true,
  outcomeKnown: true,
} as const;

describe('a task for a worker', () => {
  it('is told outside with what it takes, and waits without anything under way', () => {
    const { state, outbox, effects } = advance(PLAN, begin(PLAN, SCOPE, NOW), SCOPE, [], NOW);

    expect(effects).toEqual([]);
    expect(outbox).toMatchObject([
      {
        kind: 'worker-task',
        payload: {
          queue: 'invoices.default',
          task: 'invoice',
          attempt: 1,
          keyAttempt: 1,
          input: { n: 7 },
        },
      },
    ]);
    expect(state).toMatchObject({ status: 'waiting', waitingFor: [{ kind: 'worker' }] });
  });

  it('ends by the first result of its attempt, and takes nothing back', () => {
    const first = signalOf({ kind: 'worker-result', outcome: SUCCEEDED });
    const second = signalOf({ id: 'two', kind: 'worker-result', outcome: FAILED });
    const { state, outbox } = step(aRun(PLAN, SCOPE), [first, second]);

    expect(state).toMatchObject({
      status: 'succeeded',
      tasks: { invoice: { results: { ok: true } } },
    });
    expect(outbox).toEqual([]);
  });

  it.each([
    ['of another queue', { queue: 'others.default' }],
    ['of an attempt that is not', { attempt: 2 }],
  ])('is not ended by a result %s', (_what, wrong) => {
    const result = signalOf({ kind: 'worker-result', outcome: SUCCEEDED, ...wrong });
    const { state } = step(aRun(PLAN, SCOPE), [result]);

    expect(state.tasks['invoice']?.status).toBe('waiting');
  });

  it('begins another attempt when one failed, and refuses what comes late of the one before', () => {
    const failed = signalOf({ kind: 'worker-result', outcome: FAILED });
    const waiting = step(aRun(PLAN, SCOPE), [failed]).state;
    const { state, outbox } = step(waiting, [{ kind: 'time' }], NOW + 10);
    const late = signalOf({ id: 'late', kind: 'worker-result', outcome: SUCCEEDED });

    expect(outbox).toMatchObject([{ payload: { attempt: 2, keyAttempt: 2 } }]);
    expect(step(state, [late]).state.tasks['invoice']).toMatchObject({
      status: 'waiting',
      attempt: 2,
    });
  });

  it('is taken back when the run ends without it', () => {
    const cancel = { id: 'c', at: NOW, kind: 'cancel', reason: 'no' } as const;
    const { outbox } = step(aRun(PLAN, SCOPE), [{ kind: 'signal', signal: cancel }]);

    expect(outbox).toMatchObject([{ kind: 'worker-cancel', payload: { attempt: 1 } }]);
  });

  it('remembers how far it is, and a bounded part of the log', () => {
    const lines = Array.from({ length: 15 }, (_, at) => `line ${at}`);
    const progress = signalOf({ kind: 'worker-progress', percent: 50, lines });
    const more = signalOf({ id: 'two', kind: 'worker-progress', percent: 60, lines });
    const { state } = step(aRun(PLAN, SCOPE), [progress, more, more]);

    expect(state.tasks['invoice']).toMatchObject({
      status: 'waiting',
      memory: { progress: { percent: 60, lines: [...lines.slice(-5), ...lines] } },
    });
  });

  it('remembers what fits on record, whatever characters it is made of', () => {
    const input = 'x'.repeat(WORKER_INPUT_CHARS_MAX - 20);
    const plan = aPlan([aTask('invoice', 'generic', ['start'], { queue: 'invoices', input })]);
    const line = '\u0000'.repeat(WORKER_LINE_CHARS_MAX);
    const lines = [...Array.from({ length: WORKER_LINES_MAX }, () => line), 'the last'];
    const progress = signalOf({ kind: 'worker-progress', message: line, lines });
    const { state } = advance(plan, aRun(plan, SCOPE), SCOPE, [progress], NOW);
    const { invoice } = state.tasks;

    expect(invoice).toMatchObject({ status: 'waiting', memory: { progress: { message: line } } });
    const memory = invoice?.status === 'waiting' ? (invoice.memory ?? {}) : {};
    expect(memory['progress']).toHaveProperty('lines', expect.arrayContaining(['the last']));
    expect(toJsonText(memory).length).toBeLessThanOrEqual(WAIT_MEMORY_CHARS_MAX);
  });

  it('does not begin with an input that is too large as JSON', () => {
    const input = '\u0001'.repeat(WORKER_INPUT_CHARS_MAX / 2);
    const plan = aPlan([aTask('invoice', 'generic', ['start'], { queue: 'invoices', input })]);

    expect(
      advance(plan, begin(plan, SCOPE, NOW), SCOPE, [], NOW).state.tasks['invoice'],
    ).toMatchObject({ status: 'failed' });
  });

  it('is queued again in case the queue has lost it, more and more seldom, up to once an hour', () => {
    let { state } = step(aRun(PLAN, SCOPE), [{ kind: 'time' }], NOW + MINUTES_5 - 1);
    const queuedAt: number[] = [];
    for (let now = NOW; now < NOW + 24 * 3_600_000; now += MINUTES_5) {
      const next = step(state, [{ kind: 'time' }], now);
      state = next.state;
      if (next.outbox.length > 0) queuedAt.push((now - NOW) / MINUTES_5);
    }

    const hours = Array.from({ length: 22 }, (_, hour) => 28 + 12 * hour);
    expect(queuedAt).toEqual([1, 2, 4, 8, 16, ...hours]);
  });

  it('waits on in the same attempt when there is no room to queue it again', () => {
    const other = { id: '0', kind: 'status', key: 'activity-1', payload: {}, createdAt: NOW };
    const full = Array.from({ length: OUTBOX_ENTRIES_MAX }, () => other);
    const { state, outbox } = step(aRun(PLAN, SCOPE), [{ kind: 'time' }], NOW + MINUTES_5, full);

    expect(outbox).toEqual([]);
    expect(state.tasks['invoice']).toMatchObject({
      status: 'waiting',
      attempt: 1,
      on: { kind: 'worker', until: NOW + 2 * MINUTES_5 },
    });
  });

  it('is not queued again while the first is not delivered', () => {
    const { state, outbox: pending } = advance(PLAN, begin(PLAN, SCOPE, NOW), SCOPE, [], NOW);
    const due = [{ kind: 'time' }] as const;

    expect(step(state, due, NOW + MINUTES_5, pending).outbox).toEqual([]);
    expect(step(state, due, NOW + MINUTES_5).outbox).toMatchObject([{ kind: 'worker-task' }]);
  });

  it('pushes nothing out of the memory of the run, however much its workers send', () => {
    const event = { id: 'e', at: NOW, kind: 'event', topic: 'paid', payload: 1 } as const;
    const paid: Input = { kind: 'signal', signal: event };
    const plan = aPlan([
      aTask('invoice', 'generic', ['start'], { queue: 'invoices' }),
      aTask('wait', 'wait-for-event', ['start'], { topic: 'paid' }),
      aTask('again', 'wait-for-event', ['wait'], { topic: 'paid' }),
      aTask('later', 'generic', ['again'], { queue: 'invoices' }),
    ]);
    const many = Array.from({ length: TAKEN_SIGNALS_MAX }, (_, at) => [
      signalOf({ id: `progress-${at}`, kind: 'worker-progress' }),
      signalOf({ id: `result-${at}`, kind: 'worker-result', attempt: at + 2, outcome: SUCCEEDED }),
      signalOf({ id: `l-${at}`, task: 'later', kind: 'worker-result', outcome: SUCCEEDED }),
    ]).flat();
    const { state } = advance(plan, aRun(plan, SCOPE), SCOPE, [paid, ...many, paid], NOW);

    expect(state).toMatchObject({ taken: ['e'], tasks: { again: { status: 'waiting' } } });
    expect(state).not.toHaveProperty('early');
    expect(state).not.toHaveProperty('earlyLost');
    expect(state.tasks['invoice']).toMatchObject({ status: 'waiting', attempt: 1 });
  });
});
