import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureBuild } from '../tools/project/build.mjs';
import { projectRoot } from '../tools/project/project-root.mjs';

/*
 * Measures how often a second the engine alone moves a task to another status, on one core and without a store: in runs of
 * ten tasks, and in larger and larger runs, in which each move must cost the same.
 *
 *   node bench/engine.mjs [--ms 1500]
 */

/**
 * @typedef {typeof import('@app/workflow-engine')} Engine
 * @typedef {import('@app/workflow-engine').Plan} Plan
 * @typedef {import('@app/workflow-engine').Input} Input
 * @typedef {import('@app/workflow-engine').WorkflowDefinition['tasks'][number]} Task
 * @typedef {import('@app/workflow-engine').RunScope['event']['params']} Params
 * @typedef {(name: string, upstream: string[]) => Task} Make
 */

const { values } = parseArgs({ options: { ms: { type: 'string', default: '1500' } } });
const MS = Number(values.ms);
const NOW = 1_767_225_600_000;
const SCOPE = { event: { params: { n: 1 } }, context: { 'workflowrun-ref': 'activity-1' } };
/** What is done at once goes to its end in one; all others begin, and end. @type {Record<string, number>} */
const TRANSITIONS = { start: 1, end: 1, 'set-property': 1 };

await ensureBuild();
const built = path.join(projectRoot, 'dist/modules/libs/workflow-engine/src');
/** @type {unknown} */
const loaded = await import(pathToFileURL(`${built}/index.js`).href);
const engine = /** @type {Engine} */ (loaded);

/** @param {string} type @param {Params} params @returns {Make} */
function maker(type, params) {
  return (name, upstream) => ({
    name,
    type,
    dependencies: upstream.map((taskRef) => ({ taskRef, executionCondition: 'success' })),
    params: Object.entries(params).map(([param, value]) => ({
      name: param,
      value: value === '$name' ? name : value,
    })),
  });
}

/** @type {Record<string, Make>} */
const KINDS = {
  'set-property': maker('set-property', { output: '$name', value: '$(params.n)' }),
  http: maker('http', { url: 'https://example.org/$(params.n)' }),
  script: maker('script', { source: 'return {}' }),
  sleep: maker('sleep', { duration: 10 }),
  'wait-for-event': maker('wait-for-event', { topic: '$name' }),
  generic: maker('generic', { queue: 'q' }),
};

/** @type {Record<string, (at: number) => string[]>} */
const SHAPES = {
  chain: (at) => [at === 0 ? 'start' : `t${at - 1}`],
  fan: () => ['start'],
  ladder: (at) => (at < 2 ? ['start'] : [`t${at - 1}`, `t${at - 2}`]),
};

/** @param {number} tasks @param {string} shape @param {(at: number) => string} kindAt */
function planOf(tasks, shape, kindAt) {
  const inner = Array.from({ length: tasks }, (_, at) => {
    const make = KINDS[kindAt(at)];
    if (!make) throw new Error(`There is no kind ${kindAt(at)}`);
    return make(`t${at}`, SHAPES[shape]?.(at) ?? ['start']);
  });
  const used = new Set(inner.flatMap((one) => (one.dependencies ?? []).map((d) => d.taskRef)));
  const last = inner.map(({ name }) => name).filter((name) => !used.has(name));
  const definition = {
    tasks: [maker('start', {})('start', []), ...inner, maker('end', {})('end', last)],
  };
  const noPatterns = () => ({ kind: /** @type {const} */ ('invalid'), detail: 'none' });
  return engine.compile(definition, noPatterns, engine.BUILT_IN_TASKS);
}

/**
 * Runs a plan to its end, like an executor that gets every answer at once.
 *
 * @param {Plan} plan
 */
function run(plan) {
  let now = NOW;
  let state = engine.begin(plan, SCOPE, now);
  /** @type {Input[]} */
  let inputs = [];
  while (!engine.isFinal(state.status)) {
    const step = engine.advance(plan, state, SCOPE, [...inputs, { kind: 'time' }], now);
    state = step.state;
    inputs = [];
    for (const { task } of state.waitingFor ?? []) inputs.push(...signalsFor(task, state, now));
    for (const { task, attempt } of step.effects) {
      const outcome = { kind: /** @type {const} */ ('succeeded'), results: { n: 1 } };
      inputs.push({ kind: 'task-result', result: { task, attempt, outcome } });
    }
    if (inputs.length === 0) now = engine.nextWakeAt(state) ?? now;
  }
  if (state.status !== 'succeeded') throw new Error(`The run is ${state.status}`);
}

/**
 * @param {string} task
 * @param {import('@app/workflow-engine').ActivityState} state
 * @param {number} at
 * @returns {Input[]}
 */
function signalsFor(task, { tasks }, at) {
  const waiting = tasks[task];
  if (waiting?.status !== 'waiting') return [];
  const { on, attempt } = waiting;
  const id = `${task}:${attempt}`;
  const outcome = { kind: /** @type {const} */ ('succeeded'), results: {} };
  // Each is written out: an object made by spreading others would cost a quarter of the step that it is for.
  if (on.kind === 'event')
    return [{ kind: 'signal', signal: { id, at, kind: 'event', topic: on.topic, payload: 1 } }];
  if (on.kind !== 'worker') return [];
  const { queue } = on;
  const kind = 'worker-result';
  return [{ kind: 'signal', signal: { id, at, kind, queue, task, attempt, outcome } }];
}

/** @param {Plan} plan @param {number} ms @returns {number} runs */
function runFor(plan, ms) {
  const end = performance.now() + ms;
  let runs = 0;
  for (; performance.now() < end; runs += 1) run(plan);
  return runs;
}

/** @param {string} what @param {Plan} plan */
function measure(what, plan) {
  runFor(plan, MS / 3);
  const began = process.cpuUsage();
  const runs = runFor(plan, MS);
  const { user, system } = process.cpuUsage(began);
  const seconds = (user + system) / 1_000_000;
  const each = plan.tasks.reduce((sum, { type }) => sum + (TRANSITIONS[type] ?? 2), 0);
  const rate = Math.round((each * runs) / seconds).toLocaleString('en');
  const took = ((seconds / runs) * 1_000).toFixed(3);
  process.stdout.write(`${what.padEnd(32)} ${rate.padStart(10)}/s ${took.padStart(9)} ms a run\n`);
}

const kinds = Object.keys(KINDS);
const mixed = (/** @type {number} */ at) => kinds[at % kinds.length] ?? '';
// A warm-up, so that the first measurement does not include the compiler.
for (const shape of Object.keys(SHAPES)) runFor(planOf(12, shape, mixed), MS);
for (const shape of Object.keys(SHAPES))
  measure(`12 of all kinds, ${shape}`, planOf(12, shape, mixed));
for (const kind of kinds)
  measure(
    `10 x ${kind}, chain`,
    planOf(10, 'chain', () => kind),
  );
for (const [kind, shapes, sizes] of /** @type {const} */ ([
  ['set-property', ['chain', 'fan', 'ladder'], [100, 300, 998]],
  ['http', ['chain', 'fan'], [100, 300, 998]],
  ['generic', ['chain', 'fan'], [100, 300]],
]))
  for (const shape of shapes)
    for (const tasks of sizes)
      measure(
        `${tasks} x ${kind}, ${shape}`,
        planOf(tasks, shape, () => kind),
      );
