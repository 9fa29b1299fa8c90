import { type TaskDefinition } from '../definition/definition.js';
import { type Plan } from '../plan/plan.js';
import { type ActivityState, type Input, type TaskState } from '../state/activity-state.js';
import { isFinal } from '../state/activity-status.js';
import { anHttpTask, aPlan, aScope, aTask, NOW, succeeded } from '../testing/builders.js';
import { changedTasks, hasRunningTask } from './tasks/walks.js';
import { tableIn } from './tasks/task-record.js';
import { advance } from './advance.js';
import { begin } from './begin.js';
import { nextWakeAt } from './open-status.js';

const SCOPE = aScope({ n: 1 });
const FEW = 240;
const MANY = 960;

type Make = (name: string, upstream: readonly string[]) => TaskDefinition;

const property: Make = (name, upstream) =>
  aTask(name, 'set-property', upstream, { output: name, value: '$(params.n)' });
const call: Make = (name, upstream) => anHttpTask(name, upstream);

const SHAPES: Readonly<Record<string, (at: number) => readonly string[]>> = {
  chain: (at) => [at === 0 ? 'start' : `t${at - 1}`],
  fan: () => ['start'],
  ladder: (at) => (at < 2 ? ['start'] : [`t${at - 1}`, `t${at - 2}`]),
};

function planOf(tasks: number, shape: string, make: Make): Plan {
  const upstreamOf = SHAPES[shape] ?? (() => ['start']);
  const inner = Array.from({ length: tasks }, (_, at) => make(`t${at}`, upstreamOf(at)));
  const used = new Set(
    inner.flatMap(({ dependencies = [] }) => dependencies.map((d) => d.taskRef)),
  );
  return aPlan(
    inner,
    inner.map(({ name }) => name).filter((name) => !used.has(name)),
  );
}

/** Counts, from here on, how often anything of a task of the plan is looked at. */
function counting(plan: Plan): { readonly looks: number } {
  const count = { looks: 0 };
  for (const task of plan.tasks) {
    for (const member of ['name', 'incoming', 'outgoing'] as const) {
      const value = task[member];
      Object.defineProperty(task, member, {
        get: () => {
          count.looks += 1;
          return value;
        },
      });
    }
  }
  return count;
}

/**
 * As far as it goes with a step for each answer, to its end; each call is answered in a step of its own.
 *
 * @param from the state before the first step
 */
function runThrough(
  plan: Plan,
  from = begin(plan, SCOPE, NOW),
  seen: (before: ActivityState, after: ActivityState) => void = () => undefined,
): ActivityState {
  let state = from;
  const answers: Input[] = [];
  for (let steps = 0; steps <= plan.tasks.length && !isFinal(state.status); steps += 1) {
    const inputs: readonly Input[] = [...answers.splice(0, 1), { kind: 'time' }];
    const step = advance(plan, state, SCOPE, inputs, NOW);
    answers.push(...step.effects.map(({ task }) => succeeded(task)));
    seen(state, step.state);
    state = step.state;
  }
  return state;
}

/** The state before the first step, with tasks that count how often anybody looks at one that has not begun. */
function beginCounted(plan: Plan): { readonly state: ActivityState; readonly looks: () => number } {
  let looks = 0;
  const pending = Object.defineProperty({}, 'status', {
    enumerable: true,
    get: () => {
      looks += 1;
      return 'pending';
    },
  }) as TaskState;
  const state = begin(plan, SCOPE, NOW);
  const tasks = Object.keys(state.tasks).map((name) => [name, pending] as const);
  return { state: { ...state, tasks: Object.fromEntries(tasks) }, looks: () => looks };
}

/** What of the tasks one state does not share with the one before. */
function copiedBetween(before: ActivityState, after: ActivityState): number {
  const known = new Set(tableIn(before.tasks)?.chunks);
  const chunks = tableIn(after.tasks)?.chunks ?? [Object.values(after.tasks)];
  return chunks.filter((chunk) => !known.has(chunk)).reduce((sum, chunk) => sum + chunk.length, 0);
}

function looksOf(tasks: number, shape: string, make: Make): number {
  const plan = planOf(tasks, shape, make);
  const count = counting(plan);
  expect(runThrough(plan).status).toBe('succeeded');
  return count.looks;
}

describe('a run of four times as many tasks', () => {
  it.each(['chain', 'fan', 'ladder'])(
    'that are done at once looks at four times as many (%s)',
    (shape) => {
      const looks = looksOf(FEW, shape, property);

      expect(looksOf(MANY, shape, property)).toBeLessThan(4.5 * looks);
    },
  );

  it.each(['chain', 'fan', 'ladder'])('that call looks at four times as many (%s)', (shape) => {
    const looks = looksOf(FEW, shape, call);

    expect(looksOf(MANY, shape, call)).toBeLessThan(4.5 * looks);
  });

  it.each(['chain', 'fan', 'ladder'])(
    'that call looks at four times as many states, and whoever carries out its steps does (%s)',
    (shape) => {
      const looksAtStates = (tasks: number): number => {
        const plan = planOf(tasks, shape, call);
        const { state, looks } = beginCounted(plan);
        const changes: unknown[] = [];
        runThrough(plan, state, (before, after) => {
          nextWakeAt(after);
          hasRunningTask(after.tasks);
          changes.push(...changedTasks(before.tasks, after.tasks));
        });
        expect(changes.length).toBeGreaterThan(tasks);
        return looks();
      };

      expect(looksAtStates(MANY)).toBeLessThan(4.5 * looksAtStates(FEW));
    },
  );

  it('that call one after the other copies four times as much', () => {
    const copiedIn = (tasks: number): number => {
      let copied = 0;
      runThrough(planOf(tasks, 'chain', call), undefined, (before, after) => {
        copied += copiedBetween(before, after);
      });
      return copied;
    };

    expect(copiedIn(MANY)).toBeLessThan(4.5 * copiedIn(FEW));
  });
});
