import fc from 'fast-check';
import { toJsonText } from '@app/json';
import { compile } from '../../plan/compile.js';
import { type Plan } from '../../plan/plan.js';
import { type ActivityState } from '../../state/activity-state.js';
import { anHttpTask, aPlan, aScope, aTask, NOW } from '../../testing/builders.js';
import { fakePatterns } from '../../testing/fake-patterns.js';
import { randomDefinition } from '../../testing/random-definition.js';
import { SeededRandom } from '../../testing/seeded-random.js';
import { simulate } from '../../testing/simulate.js';
import { TEST_TASKS } from '../../testing/waiting-tasks.js';
import { advance } from '../advance.js';
import { begin } from '../begin.js';
import { recordOf } from './task-record.js';
import { TaskTable } from './task-table.js';

type Tasks = ActivityState['tasks'];

const LUCKY = { crash: 0, drop: 0.1, duplicate: 0, failure: 0.3, cancel: 0.01, noSlot: 0 };

/** The ways in which code reads a record of tasks. */
const READERS: Readonly<Record<string, (tasks: Tasks) => unknown>> = {
  keys: Object.keys,
  values: Object.values,
  entries: Object.entries,
  'own names': Object.getOwnPropertyNames,
  symbols: Object.getOwnPropertySymbols,
  'for in': (tasks) => {
    const names: string[] = [];
    for (const name in tasks) names.push(name);
    return names;
  },
  spread: (tasks) => Object.entries({ ...tasks }),
  rest: ({ start, ...others }) => [start, Object.entries(others)],
  assign: (tasks) => Object.entries(Object.assign({}, tasks)),
  JSON: (tasks) => JSON.stringify(tasks),
  'our JSON': (tasks) => toJsonText(tasks),
  in: (tasks) => ['start', 'nothing', 'toString', '__proto__'].map((name) => name in tasks),
  own: (tasks) =>
    ['start', 'nothing', 'toString', '__proto__'].map((name) => Object.hasOwn(tasks, name)),
  members: (tasks) => [...Object.keys(tasks), 'nothing', 'toString'].map((name) => tasks[name]),
  prototype: (tasks) => Object.getPrototypeOf(tasks) as unknown,
  tag: (tasks) => Object.prototype.toString.call(tasks),
};

function recordFor(plan: Plan, tasks: Tasks): Tasks {
  return recordOf(TaskTable.of(plan, tasks));
}

function expectSame(plan: Plan, plain: Tasks): void {
  const record = recordFor(plan, plain);
  for (const [reader, read] of Object.entries(READERS)) {
    expect([reader, read(record)]).toEqual([reader, read(plain)]);
  }
  expect(record).toEqual(plain);
  expect(plain).toEqual(record);
}

describe('the record of a table', () => {
  it('reads like a plain object in every way, in any state', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = new SeededRandom(seed);
        const definition = randomDefinition(random, 60);
        const plan = compile(definition, fakePatterns, TEST_TASKS);
        const { commits } = simulate(plan, aScope({ choice: 'a' }), random, LUCKY);
        const { tasks } = commits[random.below(commits.length)] ?? begin(plan, aScope(), NOW);
        expectSame(
          plan,
          Object.fromEntries(plan.tasks.map(({ name }) => [name, own(tasks, name)])),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('reads like a plain object when tasks have numbers or inherited members as names', () => {
    const names = ['b', '10', '2', 'toString', 'hasOwnProperty', '07', 'valueOf'];
    const plan = aPlan(names.map((name) => anHttpTask(name)));
    expectSame(plan, begin(plan, aScope(), NOW).tasks);
  });

  it('cannot be changed, and says so', () => {
    const plan = aPlan(Array.from({ length: 40 }, (_, at) => aTask(`t${at}`, 'sleep', ['start'])));
    const { tasks } = advance(plan, begin(plan, aScope(), NOW), aScope(), [], NOW).state;
    const changes: readonly ((tasks: Record<string, unknown>) => unknown)[] = [
      (record) => (record['t1'] = {}),
      (record) => (record['more'] = {}),
      (record) => delete record['t1'],
      (record) => Object.assign(record, { t1: {} }),
      (record) => Object.defineProperty(record, 't1', { value: 1 }),
      (record) => Object.setPrototypeOf(record, null) as unknown,
    ];
    for (const change of changes) {
      expect(() => change(tasks as Record<string, unknown>)).toThrow(TypeError);
    }
  });
});

function own(tasks: Tasks, name: string): Tasks[string] {
  const task = tasks[name];
  if (task === undefined) throw new Error(`There is no task ${name}`);
  return task;
}
