import { type ActivityState, advance, type Advance, begin } from '@app/workflow-engine';
import { aPlan, aScope, anHttpTask, aTask, NOW, succeeded } from '@app/workflow-engine/testing';
import { statusEntries } from './status-entries.js';

const PLAN = aPlan([anHttpTask('call'), aTask('nap', 'sleep', ['call'], { duration: 1_000 })]);
const SCOPE = aScope();

/** What is told, in the order of the entries: of the run a status, of its tasks their names with theirs. */
function toldBy(step: Advance): readonly string[] {
  return step.outbox.flatMap(({ payload }) => {
    const { status, tasks = [] } = payload as {
      readonly status?: string;
      readonly tasks?: readonly { readonly task: string; readonly status: string }[];
    };
    return status ?? tasks.map((one) => `${one.task} ${one.status}`);
  });
}

describe(statusEntries.name, () => {
  let left: number;
  const tell = statusEntries(() => (left += 1), true);

  beforeEach(() => {
    left = 0;
  });

  it('reports the statuses of tasks between the beginning and the end of the run', () => {
    const begun = tell(
      { outbox: [] },
      advance(PLAN, begin(PLAN, SCOPE, NOW), SCOPE, [], NOW),
      NOW,
      {},
    );
    const { state } = begun;
    const inputs = [succeeded('call')];
    const naps = tell({ state, outbox: [] }, advance(PLAN, state, SCOPE, inputs, NOW), NOW, {});
    const woken = advance(PLAN, naps.state, SCOPE, [{ kind: 'time' }], NOW + 1_000);
    const ended = tell({ state: naps.state, outbox: [] }, woken, NOW + 1_000, {});

    expect([begun, naps, ended].map(toldBy)).toEqual([
      ['running', 'start succeeded', 'call running'],
      ['waiting', 'call succeeded', 'nap waiting'],
      ['nap succeeded', 'end succeeded', 'succeeded'],
    ]);
    expect(left).toBe(0);
  });

  it('reports nothing for a step that changes no status', () => {
    const { state } = advance(PLAN, begin(PLAN, SCOPE, NOW), SCOPE, [], NOW);
    const step: Advance = { state: { ...state }, effects: [], outbox: [] };

    expect(tell({ state, outbox: [] }, step, NOW, {})).toBe(step);
  });

  it.each([true, false])('reports a reminder, with events of tasks: %s', (tellsTasks) => {
    const plan = aPlan([aTask('ask', 'approval', ['start'], { remind: '1h' })]);
    const at = NOW + 3_600_000;
    const { state } = advance(plan, begin(plan, SCOPE, NOW), SCOPE, [], NOW);
    const step = advance(plan, state, SCOPE, [{ kind: 'time' }], at);

    const told = statusEntries(() => undefined, tellsTasks)({ state, outbox: [] }, step, at, {});

    expect(told.outbox).toMatchObject([
      {
        kind: 'task-status',
        payload: {
          tasks: [{ task: 'ask', status: 'waiting', previous: 'waiting', reminder: 1, attempt: 1 }],
        },
      },
    ]);
  });

  it('reports no task by default', () => {
    const step = advance(PLAN, begin(PLAN, SCOPE, NOW), SCOPE, [], NOW);

    expect(toldBy(statusEntries(() => undefined)({ outbox: [] }, step, NOW, {}))).toEqual([
      'running',
    ]);
  });

  it('reports a thousand tasks in a few entries', () => {
    const tasks = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, at) => [`task-${at}`, { status: 'skipped', endedAt: NOW }]),
    ) as ActivityState['tasks'];
    const { state } = advance(PLAN, begin(PLAN, SCOPE, NOW), SCOPE, [], NOW);
    const step: Advance = { state: { ...state, tasks }, effects: [], outbox: [] };
    const told = tell({ state, outbox: [] }, step, NOW, {});

    expect(told.outbox).toHaveLength(10);
    expect(toldBy(told)).toHaveLength(1_000);
    expect(left).toBe(0);
  });

  it('leaves half of the outbox to other entries, and always reports the end', () => {
    const rest = { kind: 'worker', key: 'k', payload: 1, createdAt: NOW };
    const waiting = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ id: `${at}`, ...rest }));
    const step = advance(PLAN, begin(PLAN, SCOPE, NOW), SCOPE, [], NOW);
    const state: ActivityState = { ...step.state, status: 'succeeded', endedAt: NOW };

    expect(toldBy(tell({ outbox: waiting(998) }, step, NOW, {}))).toHaveLength(3);
    expect(left).toBe(0);
    expect(toldBy(tell({ outbox: waiting(1_000) }, step, NOW, {}))).toEqual([]);
    expect(left).toBe(2);
    expect(toldBy(tell({ outbox: waiting(1_000) }, { ...step, state }, NOW, {}))).toContain(
      'succeeded',
    );
  });
});
