import { OUTBOX_CHARS_MAX, OUTBOX_ENTRIES_MAX, TASKS_MAX } from '../bounds.js';
import { type OutboxEntry } from '../state/outbox-entry.js';
import { aPlan, aScope, aTask, NOW } from '../testing/builders.js';
import { advance } from './advance.js';
import { begin } from './begin.js';
import { nextWakeAt } from './open-status.js';
import { postTo } from './run-outbox.js';

const ROOM = 'room in the outbox of the run, which makes some with each delivery';
const SCOPE = aScope();
const PLAN = aPlan([aTask('work', 'worker', ['start'], { queue: 'mail' })], ['work']);

function pending(count: number, chars = 1): readonly OutboxEntry[] {
  const rest = { kind: 'status', key: 'k', payload: 'x'.repeat(chars), createdAt: NOW };
  return Array.from({ length: count }, (_, at) => ({ id: `${at}`, ...rest }));
}

/** The task posts one entry and holds another. */
function begun(waiting: readonly OutboxEntry[]): ReturnType<typeof advance> {
  return advance(PLAN, begin(PLAN, SCOPE, NOW), SCOPE, [], NOW, waiting);
}

describe('the outbox of a run', () => {
  it('leaves room for what a task posts, and for giving back what it holds', () => {
    expect(begun(pending(OUTBOX_ENTRIES_MAX - 2)).outbox).toHaveLength(1);
    expect(begun(pending(1, OUTBOX_CHARS_MAX - 200)).outbox).toHaveLength(1);
  });

  it.each([
    ['entries', pending(OUTBOX_ENTRIES_MAX - 1)],
    ['characters', pending(2, OUTBOX_CHARS_MAX / 2)],
  ])(
    'has a task wait that would make it too many %s, until deliveries have made room',
    (_what, waiting) => {
      const { state, outbox } = begun(waiting);

      expect(outbox).toEqual([]);
      expect(state).not.toHaveProperty('holds');
      expect(state.waitingFor).toMatchObject([
        { task: 'work', kind: 'slot', what: ROOM, since: NOW },
      ]);
      const later = nextWakeAt(state) ?? 0;
      const still = advance(PLAN, state, SCOPE, [{ kind: 'time' }], later, waiting).state;
      expect(still.tasks['work']).toMatchObject({ attempt: 1, on: { kind: 'slot', since: NOW } });
      const step = advance(PLAN, still, SCOPE, [{ kind: 'time' }], later + later - NOW);
      expect(step.state.tasks['work']).toMatchObject({ attempt: 1, on: { kind: 'worker' } });
      expect(step.outbox).toHaveLength(1);
    },
  );

  it('fails a task that has no room beside what the run holds', () => {
    const held = { task: 'other', entry: { kind: 'release', key: 'k', payload: 'x' } };
    const holds = Array.from({ length: OUTBOX_ENTRIES_MAX - 1 }, (_, at) => ({
      ...held,
      name: `${at}`,
    }));
    const state = { ...begin(PLAN, SCOPE, NOW), holds };

    const { tasks } = advance(PLAN, state, SCOPE, [], NOW).state;

    expect(tasks['work']).toMatchObject({ status: 'failed', failure: { code: 'OUTBOX_FULL' } });
  });

  it('has room for all tasks of a workflow at once, each of which holds something', () => {
    const names = Array.from({ length: TASKS_MAX - 2 }, (_, at) => `lock-${at}`);
    const locks = names.map((name) => aTask(name, 'acquire-lock', ['start'], { key: name }));
    const plan = aPlan(locks, names);

    const { state, outbox } = advance(plan, begin(plan, SCOPE, NOW), SCOPE, [], NOW);

    expect(new Set(names.map((name) => state.tasks[name]?.status))).toEqual(new Set(['waiting']));
    expect([outbox.length, state.holds?.length]).toEqual([names.length, names.length]);
  });

  it('takes entries of the run itself, numbered as any other, and the one of its end even if it is full', () => {
    const draft = { kind: 'status', key: 'status', payload: 'running' };
    const step = begun([]);
    const told = postTo(step, draft, [], NOW);
    expect(told?.outbox.map(({ id }) => id)).toEqual(['1', '2']);
    expect(told?.state.outboxCount).toBe(2);

    const full = pending(OUTBOX_ENTRIES_MAX);
    expect(postTo(step, draft, full, NOW)).toBeUndefined();
    const half = pending(OUTBOX_ENTRIES_MAX / 2);
    expect(postTo(step, draft, half, NOW)).toBeDefined();
    expect(postTo(step, draft, half, NOW, 0.5)).toBeUndefined();
    expect(postTo(step, draft, pending(1, OUTBOX_CHARS_MAX / 2), NOW, 0.5)).toBeUndefined();
    expect(postTo(step, draft, pending(2), NOW, 0.5)).toBeDefined();
    const over = { ...step, state: { ...step.state, endedAt: NOW } };
    expect(postTo(over, draft, full, NOW)?.outbox).toHaveLength(2);
  });
});
