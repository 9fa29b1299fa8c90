import { type TaskStatus } from '../state/activity-state.js';
import { aPlan, aScope, NOW } from '../testing/builders.js';
import { begin } from './begin.js';
import { RunDraft } from './run-draft.js';
import { isOver, TASK_TRANSITIONS } from './task-transitions.js';

describe('the transition table', () => {
  it('is this', () => {
    expect(TASK_TRANSITIONS).toEqual({
      pending: ['running', 'waiting', 'succeeded', 'failed', 'skipped'],
      running: ['running', 'waiting', 'succeeded', 'failed', 'timedout', 'cancelled', 'skipped'],
      waiting: ['running', 'waiting', 'succeeded', 'failed', 'timedout', 'cancelled', 'skipped'],
      succeeded: [],
      failed: [],
      timedout: [],
      cancelled: [],
      skipped: [],
    });
  });

  it('leads from exactly the statuses that are not over', () => {
    for (const [status, next] of Object.entries(TASK_TRANSITIONS)) {
      expect([status, isOver(status as TaskStatus)]).toEqual([status, next.length === 0]);
    }
  });

  it('leads from each status that is not over to one that is', () => {
    for (const next of Object.values(TASK_TRANSITIONS)) {
      expect(next.length === 0 || next.some(isOver)).toBe(true);
    }
  });

  it('is enforced', () => {
    const plan = aPlan();
    const run = new RunDraft(plan, begin(plan, aScope(), NOW), aScope(), NOW);
    run.move('start', { status: 'skipped', endedAt: NOW });

    expect(() => {
      run.move('start', { status: 'pending' });
    }).toThrow("can't go from skipped to pending");
  });
});
