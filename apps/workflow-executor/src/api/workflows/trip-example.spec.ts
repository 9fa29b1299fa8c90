import { readFileSync } from 'node:fs';
import path from 'node:path';
import { re2Patterns } from '@app/patterns';
import { type ActivityState, advance, begin, compile, type Plan } from '@app/workflow-engine';
import { aScope, failed, NOW, succeeded } from '@app/workflow-engine/testing';
import { parse } from 'yaml';
import { TASK_TYPES_RUN } from '../../tasks/task-handler.js';
import { readWorkflow } from './read-workflow.js';

const FILE = path.resolve(import.meta.dirname, '../../../../../examples/workflows/trip.yaml');
const SCOPE = aScope({ trip: 'T-1' });

let plan: Plan;

beforeAll(() => {
  const { definition } = readWorkflow(parse(readFileSync(FILE, 'utf8')));
  plan = compile(definition, re2Patterns, TASK_TYPES_RUN);
});

/** Runs the example. @returns its end, and the calls in the order in which they were made */
function runWith(failing?: string): { readonly state: ActivityState; readonly calls: string[] } {
  const calls: string[] = [];
  let { state } = advance(plan, begin(plan, SCOPE, NOW), SCOPE, [], NOW);
  for (;;) {
    const called = Object.entries(state.tasks).find(([, task]) => task.status === 'running')?.[0];
    if (called === undefined) return { state, calls };
    calls.push(called);
    const input =
      called === failing ? failed(called) : succeeded(called, 1, { body: { id: `${called}-1` } });
    ({ state } = advance(plan, state, SCOPE, [input], NOW));
  }
}

describe('examples/workflows/trip.yaml', () => {
  it.each([
    [undefined, 'succeeded', ['flight', 'hotel', 'car']],
    ['car', 'failed', ['flight', 'hotel', 'car', 'cancel hotel', 'cancel flight']],
    ['hotel', 'failed', ['flight', 'hotel', 'cancel flight']],
    ['flight', 'failed', ['flight']],
  ] as const)('when %s fails, has %s and made the calls %j', (failing, status, expected) => {
    const { state, calls } = runWith(failing);

    expect(state.status).toBe(status);
    expect(calls).toEqual(expected);
  });
});
