import { OUTBOX_CHARS_MAX, OUTBOX_ENTRIES_MAX } from '../bounds.js';
import { type OutboxEntry } from '../state/outbox-entry.js';
import { aPlan, aScope, aTask, NOW } from '../testing/builders.js';
import { advance } from './advance.js';
import { begin } from './begin.js';
import { postTo } from './run-outbox.js';

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
    ['too many entries', pending(OUTBOX_ENTRIES_MAX - 1)],
    ['too many characters', pending(2, OUTBOX_CHARS_MAX / 2)],
  ])('fails the task that would make it %s, and posts nothing of it', (_what, waiting) => {
    const { state, outbox } = begun(waiting);

    expect(outbox).toEqual([]);
    expect(state.tasks['work']).toMatchObject({
      status: 'failed',
      failure: { code: 'OUTBOX_FULL' },
    });
    expect(state).not.toHaveProperty('holds');
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
