import { type ActivityState, type Input } from '../state/activity-state.js';
import { aPlan, aRun, aScope, aTask, cancelled, NOW } from '../testing/builders.js';
import { advance } from '../run/advance.js';

const SCOPE = aScope();
const TIME = { kind: 'time' } as const;
const acquire = aTask('acquire', 'acquire-lock', ['start'], { key: 'door', lease: '5m' });
const work = aTask('work', 'wait-for-event', ['acquire'], { topic: 'done' });
const release = aTask('release', 'release-lock', ['work'], { key: 'door' });
const PLAN = aPlan([acquire, work, release]);

function granted(lock = 'door', attempt = 1): Extract<Input, { kind: 'signal' }> {
  const sent = { id: `${lock}-${attempt}`, at: NOW };
  return {
    kind: 'signal',
    signal: { ...sent, kind: 'lock-granted', task: 'acquire', attempt, lock },
  };
}

const done: Input = { kind: 'signal', signal: { id: 'd', at: NOW, kind: 'event', topic: 'done' } };

function step(
  state: ActivityState,
  ...inputs: Input[]
): { state: ActivityState; told: readonly unknown[] } {
  const next = advance(PLAN, state, SCOPE, inputs, NOW + 1);
  return {
    state: next.state,
    told: next.outbox.map(({ kind, key, payload }) => ({ kind, key, payload })),
  };
}

const RELEASED = {
  kind: 'lock-release',
  key: 'lock:door',
  payload: { lock: 'door', task: 'acquire', attempt: 1 },
};

describe('a lock', () => {
  it('is asked for outside, and waited for', () => {
    const first = advance(PLAN, aRun(PLAN), SCOPE, [], NOW);
    expect(first.state.waitingFor).toMatchObject([{ task: 'acquire', kind: 'lock' }]);
    expect(first.state.holds).toMatchObject([{ task: 'acquire', entry: { kind: 'lock-release' } }]);
  });

  it('is had when it is granted, and given back once when it is released', () => {
    const held = step(aRun(PLAN), granted());
    expect(held.state.tasks['acquire']).toMatchObject({ status: 'succeeded' });
    expect(held.told).toEqual([]);

    const over = step(held.state, done);

    expect(over.told).toEqual([RELEASED]);
    expect(over.state).toMatchObject({ status: 'succeeded' });
    expect(over.state.holds).toBeUndefined();
  });

  it.each([
    ['another lock', granted('other')],
    ['another attempt', granted('door', 2)],
  ])('is not had when %s is granted', (_, input) => {
    expect(step(aRun(PLAN), input).state.tasks['acquire']).toMatchObject({ status: 'waiting' });
  });

  it('is given back when the run ends, whether it has it or waits for it', () => {
    expect(step(aRun(PLAN), cancelled()).told).toEqual([RELEASED]);
    expect(step(step(aRun(PLAN), granted()).state, cancelled()).told).toEqual([RELEASED]);
  });

  it.each([
    ['before', [], 2],
    ['after', [granted()], 1],
  ] as const)(
    'is given back when it is granted once more %s it was had, to an attempt without it',
    (_, before, attempt) => {
      const releaseAtOnce = { ...release, dependencies: [{ taskRef: 'acquire' }] };
      const plan = aPlan([acquire, releaseAtOnce, work], ['release', 'work']);
      const state = advance(plan, aRun(plan), SCOPE, before, NOW).state;
      const late = { id: 'late', at: NOW, lock: 'door', task: 'acquire', attempt } as const;
      const signal = { ...late, kind: 'lock-granted' } as const;

      const { outbox } = advance(plan, state, SCOPE, [{ kind: 'signal', signal }], NOW);

      const payload = { lock: 'door', task: 'acquire', attempt };
      expect(outbox).toMatchObject([{ ...RELEASED, payload }]);
    },
  );

  it('stays when the run that has it is told once more', () => {
    const held = step(aRun(PLAN), granted());
    const signal = { ...granted().signal, id: 'again' };

    expect(step(held.state, { kind: 'signal', signal }).told).toEqual([]);
  });

  it('is asked for no more when its task has taken too long', () => {
    const plan = aPlan([{ ...acquire, timeoutMs: 10 }]);

    const { state, outbox } = advance(plan, aRun(plan), SCOPE, [TIME], NOW + 10);

    expect(state.tasks['acquire']).toMatchObject({ status: 'timedout' });
    expect(outbox).toMatchObject([{ kind: 'lock-release', key: 'lock:door' }]);
  });

  it.each(['acquire-lock', 'release-lock'])(
    'can have no name that is stored as another one (%s)',
    (type) => {
      const plan = aPlan([aTask('it', type, ['start'], { key: 'door-$(params.x)' })]);

      expect(aRun(plan, aScope({ x: 'a\ud800' })).tasks['it']).toMatchObject({
        status: 'failed',
        failure: { code: 'PARAM_INVALID' },
      });
      expect(aRun(plan, aScope({ x: '\u{1f511}' })).tasks['it']).not.toMatchObject({
        failure: { code: 'PARAM_INVALID' },
      });
    },
  );

  it('can be released only by a run that has it', () => {
    const plan = aPlan([aTask('release', 'release-lock', ['start'], { key: 'door' })]);

    expect(aRun(plan).tasks['release']).toMatchObject({
      status: 'failed',
      failure: { code: 'LOCK_NOT_HELD' },
    });
  });

  it('that another task of the run waits for is not given back with the one that is had', () => {
    const second = { ...acquire, name: 'second' };
    const plan = aPlan(
      [acquire, second, { ...release, dependencies: [{ taskRef: 'acquire' }] }],
      ['release', 'second'],
    );

    const { state, outbox } = advance(plan, aRun(plan), SCOPE, [granted()], NOW);

    expect(outbox).toMatchObject([RELEASED]);
    expect(state.tasks['second']).toMatchObject({ status: 'waiting', on: { kind: 'lock' } });
  });
});
