import { mongo } from 'mongoose';
import { advance, begin, type Input, isFinal, type Plan } from '@app/workflow-engine';
import { anHttpTask, aPlan, aScope, succeeded } from '@app/workflow-engine/testing';
import { NOW } from '../../testing/builders.js';
import { stateChange } from '../stored/state-change.js';
import { toUpdate } from './to-update.js';

const SCOPE = aScope({});
/** With `start` and `end` a workflow has as many tasks as it may have. */
const MANY = 998;
const FEW = 125;
/** Of each call; together they are about as large as the results of a run may be. */
const RESULT = 'x'.repeat(4_000);

const SHAPES: Readonly<Record<string, (calls: number) => Plan>> = {
  'one after the other': (calls) =>
    aPlan(
      namesOf(calls).map((name, at) => anHttpTask(name, [at === 0 ? 'start' : `call-${at - 1}`])),
      [`call-${calls - 1}`],
    ),
  'all at once': (calls) =>
    aPlan(
      namesOf(calls).map((name) => anHttpTask(name, ['start'])),
      namesOf(calls),
    ),
};

function namesOf(calls: number): readonly string[] {
  return Array.from({ length: calls }, (_, at) => `call-${at}`);
}

/** What all commits of a run write, in bytes; each answer comes in a step of its own. */
function writtenBy(plan: Plan): number {
  let before: ReturnType<typeof begin> | undefined;
  let state = begin(plan, SCOPE, NOW);
  let bytes = 0;
  const answers: Input[] = [];
  for (let lockVersion = 1; !isFinal(state.status); lockVersion += 1) {
    const step = advance(plan, state, SCOPE, answers.splice(0, 1), NOW);
    answers.push(...step.effects.map(({ task }) => succeeded(task, 1, { body: RESULT })));
    state = step.state;
    const change = stateChange(state, before);
    const commit = { id: 'activity', lockVersion, state, before, wakeAt: NOW, leaseOwner: 'me' };
    bytes += mongo.BSON.calculateObjectSize(toUpdate(commit, change)) + change.texts.bytes;
    before = state;
  }
  expect(state.status).toBe('succeeded');
  return bytes;
}

describe.each(Object.entries(SHAPES))('%s, calls with large results', (_, planOf) => {
  it('write each result once, and beside it as much for each call however many there are', () => {
    const besideOf = (calls: number): number =>
      (writtenBy(planOf(calls)) - calls * RESULT.length) / calls;
    const few = besideOf(FEW);

    expect(few).toBeGreaterThan(0);
    expect(besideOf(MANY)).toBeLessThan(1.25 * few);
  });
});
