import { type TaskDefinition } from '../definition/definition.js';
import { type Plan } from '../plan/plan.js';
import { type ActivityState, type Input } from '../state/activity-state.js';
import { isFinal } from '../state/activity-status.js';
import { anHttpTask, aPlan, aScope, aTask, NOW, succeeded } from '../testing/builders.js';
import { advance } from './advance.js';
import { begin } from './begin.js';

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

/** As far as it goes with a step for each answer, to its end; each call is answered in a step of its own. */
function runThrough(plan: Plan): ActivityState {
  let state = begin(plan, SCOPE, NOW);
  const answers: Input[] = [];
  for (let steps = 0; steps <= plan.tasks.length && !isFinal(state.status); steps += 1) {
    const inputs: readonly Input[] = [...answers.splice(0, 1), { kind: 'time' }];
    const step = advance(plan, state, SCOPE, inputs, NOW);
    answers.push(...step.effects.map(({ task }) => succeeded(task)));
    state = step.state;
  }
  return state;
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

  it('that call one after the other looks at four times as many', () => {
    const looks = looksOf(FEW, 'chain', call);

    expect(looksOf(MANY, 'chain', call)).toBeLessThan(4.5 * looks);
  });
});
