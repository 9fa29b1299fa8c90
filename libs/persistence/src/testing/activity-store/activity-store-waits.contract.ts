import {
  advance,
  begin,
  type Input,
  isFinal,
  nextWakeAt,
  type Plan,
  type Signal,
  type WaitReason,
} from '@app/workflow-engine';
import {
  anHttpTask,
  aPlan,
  aScope,
  aTask,
  failed,
  NOW as BEGUN,
  succeeded,
} from '@app/workflow-engine/testing';
import { type Activity } from '../../activities/activity.js';
import { type ActivityStore } from '../../activities/activity-store.js';
import { recorded } from '../builders.js';

const SCOPE = aScope();
const A_DAY_MS = 24 * 60 * 60_000;
const CLAIM = { limit: 10, leaseMs: 30_000, owner: 'sweeper' };

const SENT = { id: 'signal-1', at: BEGUN + 500 };
const POSTPONED: Input = {
  kind: 'task-result',
  result: {
    task: 'wait',
    attempt: 1,
    repeats: 0,
    outcome: { kind: 'postponed', delayMs: 5_000 },
  },
};
const retry = { attemptsMax: 3, delayMs: 5_000, delayMsMax: 5_000, backoff: 'fixed' } as const;
const PAYLOAD = ['$a', { 'b.c': 1 }];
const paid: Signal = { ...SENT, kind: 'event', topic: 'paid', payload: PAYLOAD };
const children = ['child-1', 'child-2'].map((child): Signal => {
  const ended = {
    kind: 'child-ended',
    task: 'wait',
    attempt: 1,
    child,
    status: 'succeeded',
  } as const;
  return { ...SENT, id: child, ...ended, results: {} };
});
const votes = ['ann', 'bob'].map((by): Signal => {
  return { ...SENT, id: by, kind: 'vote', task: 'wait', by, verdict: 'approved' };
});
const worked: Signal = {
  ...SENT,
  kind: 'worker-result',
  task: 'wait',
  attempt: 1,
  outcome: { kind: 'succeeded', results: { big: 12345678901234, $set: 'x' } },
};
const goOn: Signal = {
  ...SENT,
  kind: 'force',
  task: 'wait',
  outcome: 'retried',
  by: 'ada',
  reason: 'it is up again',
};
const granted: Signal = { ...SENT, kind: 'lock-granted', task: 'wait', attempt: 1, lock: 'one' };

interface Wait {
  readonly plan: Plan;
  /** The input that makes the task wait after it began; absent if it waits at once. */
  readonly then?: Input;
  /** The signals that end the wait; absent if time does. */
  readonly signals?: readonly Signal[];
  /** The answer to its call when that is handed out again. */
  readonly answer?: Input;
}

/** A wait for every reason; a reason without one does not compile. */
const WAITS: Readonly<Record<WaitReason['kind'], Wait>> = {
  timer: { plan: aPlan([aTask('wait', 'timer', ['start'], { ms: 5_000 })]) },
  retry: {
    plan: aPlan([anHttpTask('wait', ['start'], { retry })]),
    then: failed('wait'),
    answer: succeeded('wait', 2),
  },
  paused: {
    plan: aPlan([
      anHttpTask('wait', ['start'], { retry: { ...retry, attemptsMax: 1, then: 'pause' } }),
    ]),
    then: failed('wait'),
    signals: [goOn],
    answer: succeeded('wait', 2),
  },
  slot: {
    plan: aPlan([anHttpTask('wait')]),
    then: POSTPONED,
    answer: succeeded('wait', 1, {}, 1),
  },
  event: { plan: aPlan([aTask('wait', 'topic', ['start'], { topic: 'paid' })]), signals: [paid] },
  approval: { plan: aPlan([aTask('wait', 'votes', ['start'], { count: 2 })]), signals: votes },
  lock: { plan: aPlan([aTask('wait', 'lock', ['start'], { lock: 'one' })]), signals: [granted] },
  worker: { plan: aPlan([aTask('wait', 'worker', ['start'], { queue: 'q' })]), signals: [worked] },
  children: {
    plan: aPlan([aTask('wait', 'children', ['start'], { count: 2 })]),
    signals: children,
  },
};

/** Waits and signals of the engine, from one read of the record to the next. */
export function describeWaits(theStore: () => ActivityStore): void {
  /** One step as a driver takes it: from the stored activity alone, with all signals in its inbox. */
  async function step(id: string, plan: Plan, now: number, input?: Input): Promise<Activity> {
    const found = await onRecord(id);
    const before = found.state;
    const inputs: Input[] = [
      ...(input ? [input] : []),
      ...found.inbox.map((signal) => ({ kind: 'signal', signal }) as const),
      { kind: 'time' },
    ];
    const { state, outbox } = advance(plan, before ?? begin(plan, SCOPE, now), SCOPE, inputs, now);
    const wakeUp = { wakeAt: nextWakeAt(state) ?? now + A_DAY_MS };
    const outcome = await theStore().commit({
      id,
      lockVersion: found.lockVersion,
      state,
      before,
      signals: found.inbox.map((signal) => signal.id),
      outbox: { posted: outbox },
      ...(!isFinal(state.status) && wakeUp),
    });
    expect(outcome).toBe('committed');
    const after = await onRecord(id);
    expect(after.state).toEqual(state);
    expect(after.inbox).toEqual([]);
    return after;
  }

  async function onRecord(id: string): Promise<Activity> {
    const found = await theStore().get(id);
    if (found === undefined) throw new Error(`${id} is not on record`);
    return found;
  }

  /** The activity as a sweeper claims it at this moment; a millisecond before, it is not due. */
  async function claimedAt(at: number): Promise<Activity | undefined> {
    expect(await theStore().claimDue({ ...CLAIM, now: at - 1 })).toEqual([]);
    const [claimed] = await theStore().claimDue({ ...CLAIM, now: at });
    if (claimed === undefined) return undefined;
    const found = await onRecord(claimed.id);
    // On record it may last longer, by the clock of the store.
    const { wakeAt = 0 } = claimed;
    expect(found.wakeAt).toBeGreaterThanOrEqual(wakeAt);
    expect(claimed).toEqual({ ...found, wakeAt });
    return claimed;
  }

  describe('a run that waits', () => {
    it.each(Object.entries(WAITS))(
      'for %s is on record as it is, due when it should be, and goes on',
      async (kind, { plan, then, signals = [], answer }) => {
        const { id } = await recorded(theStore(), kind, BEGUN, BEGUN);
        let waiting = await step(id, plan, BEGUN);
        if (then) waiting = await step(id, plan, BEGUN, then);
        expect(waiting).toMatchObject({
          status: 'waiting',
          state: { tasks: { wait: { on: { kind } } } },
        });
        expect(waiting.state?.waitingFor).toMatchObject([{ task: 'wait', kind }]);

        let now = waiting.wakeAt ?? 0;
        for (const signal of signals) {
          now = signal.at;
          expect(await theStore().signal(id, signal)).toBe('appended');
        }
        expect(await claimedAt(now)).toMatchObject({ id, inbox: signals, leaseOwner: 'sweeper' });
        let after = await step(id, plan, now);
        if (answer) after = await step(id, plan, now, answer);

        expect(after).toMatchObject({ status: 'succeeded', state: { tasks: { end: {} } } });
        expect((after.outbox ?? []).map((entry) => entry.kind)).toEqual(TOLD[kind] ?? []);
      },
    );

    it('takes each signal once', async () => {
      const plan = aPlan([aTask('wait', 'votes', ['start'], { count: 3 })]);
      const { id } = await recorded(theStore());
      await step(id, plan, BEGUN);
      for (const vote of votes) {
        await theStore().signal(id, vote);
        expect(await theStore().signal(id, vote)).toBe('duplicate');
        await step(id, plan, BEGUN + 1);
        expect(await theStore().signal(id, vote)).toBe('duplicate');
      }

      const { state } = await onRecord(id);
      expect(state?.taken).toEqual(votes.map((vote) => vote.id));
      expect(state?.tasks['wait']).toMatchObject({
        on: { open: 1 },
        memory: { by: ['ann', 'bob'] },
      });
    });

    it('keeps an early signal until a task waits for it', async () => {
      const plan = aPlan([
        aTask('before', 'timer', ['start'], { ms: 5_000 }),
        aTask('wait', 'topic', ['before'], { topic: 'paid' }),
      ]);
      const { id } = await recorded(theStore());
      await step(id, plan, BEGUN);
      await theStore().signal(id, paid);

      const early = await step(id, plan, BEGUN + 1);
      expect(early.state?.early).toEqual([paid]);
      expect(early.wakeAt).toBe(BEGUN + 5_000);

      const after = await step(id, plan, BEGUN + 5_000);
      expect(after.status).toBe('succeeded');
      expect(after.state?.tasks['wait']).toMatchObject({ results: { payload: PAYLOAD } });
    });
  });
}

/** The kinds of outbox entries by wait, in the order they are made; see the task types of tests. */
const TOLD: Readonly<Record<string, readonly string[]>> = {
  event: ['status'],
  lock: ['lock-request', 'lock-release'],
  worker: ['queued-task'],
};
