import { type ActivityCommit } from '@app/persistence';
import { aCommit, aState, NOW } from '@app/persistence/testing';
import { type ActivityState, type TaskState } from '@app/workflow-engine';
import { judgeSlots } from './judge-slots.js';
import { Trace } from './trace.js';

type RunSlot = NonNullable<ActivityState['slot']>;

const WAITS: RunSlot = { name: 'slot', limit: 1 };
const HAS: RunSlot = { ...WAITS, grantedAt: NOW };
const PENDING: TaskState = { status: 'pending' };
const BEGUN: TaskState = {
  status: 'succeeded',
  attempt: 1,
  startedAt: NOW,
  endedAt: NOW,
  results: {},
};

function commitOf(one: TaskState, slot?: RunSlot): ActivityCommit {
  const tasks = { start: one, then: PENDING };
  return aCommit({
    id: 'late',
    state: aState({ status: 'running', tasks, ...(slot && { slot }) }),
  });
}

function violationsOf(
  commit: ActivityCommit,
  ...others: Parameters<typeof judgeSlots>[1]
): readonly string[] {
  const trace = new Trace(() => NOW);
  judgeSlots(commit, others, trace);
  return trace.violations;
}

describe(judgeSlots.name, () => {
  it('says it of a run that has begun without its slot', () => {
    expect(violationsOf(commitOf(BEGUN, WAITS))).toEqual(['late has begun without its slot']);
    expect(violationsOf(commitOf(BEGUN))).toEqual(['late has begun without its slot']);
  });

  it('says nothing of one that waits for its slot, or has it', () => {
    expect(violationsOf(commitOf(PENDING, WAITS))).toEqual([]);
    expect(violationsOf(commitOf(BEGUN, HAS))).toEqual([]);
  });

  it('says it of a run that has a slot beside as many as there are', () => {
    const other = { id: 'early', state: commitOf(BEGUN, HAS).state };

    expect(violationsOf(commitOf(BEGUN, HAS), other)).toEqual([
      'late has one of 1 slots beside early',
    ]);
  });
});
