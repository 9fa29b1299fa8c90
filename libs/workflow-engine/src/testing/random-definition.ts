import {
  type Dependency,
  type TaskDefinition,
  WHEN_FULL,
  type WorkflowDefinition,
} from '../definition/definition.js';
import { aDefinition, anHttpTask, aTask, type TaskExtras } from './builders.js';
import { PATHS, VALUES, randomFilter, randomHttpParams, randomParams } from './random-params.js';
import { type SeededRandom } from './seeded-random.js';

/** A valid workflow with up to `tasksMax` tasks besides start and end, joined at random. */
export function randomDefinition(random: SeededRandom, tasksMax: number): WorkflowDefinition {
  const tasks: TaskDefinition[] = [aTask('start', 'start', [])];
  const count = 1 + random.below(tasksMax);
  for (let at = 1; at <= count; at += 1) tasks.push(randomTask(`task-${at}`, tasks, random));
  const inner = tasks.slice(1);
  const used = new Set(inner.flatMap((task) => (task.dependencies ?? []).map((d) => d.taskRef)));
  const loose = inner.filter(({ name }) => !used.has(name));
  const last = loose.map((task) => dependencyOn(task, random));
  const timeout = random.chance(0.2) ? { timeoutMs: 1 + random.below(120_000) } : {};
  const params = random.chance(0.5) ? { params: randomParams(random) } : {};
  const rest = { ...params, ...timeout, ...randomConcurrency(random) };
  const definition = aDefinition(inner, last, rest);
  return random.chance(0.3)
    ? { ...definition, tasks: [...definition.tasks, ...randomFinally(random)] }
    : definition;
}

/** Lets the whole run begin again when it failed. */
export function withRunRetry(
  definition: WorkflowDefinition,
  random: SeededRandom,
): WorkflowDefinition {
  const from = random.pick('failed', 'start');
  const delays = { backoff: 'list', delaysMs: [1 + random.below(90_000)] } as const;
  const tasks = definition.tasks.map(askingTask);
  return { ...definition, tasks, retry: { ...delays, attemptsMax: 1 + random.below(3), from } };
}

/** Nobody sends an event or a vote to another attempt. */
export function askingTask(task: TaskDefinition): TaskDefinition {
  const asks = ['wait-for-event', 'approval', 'manual'].includes(task.type);
  return asks ? { timeoutMs: 300_000, ...task } : task;
}

/** Such a run waits for a slot before its first task. */
function randomConcurrency(random: SeededRandom): Pick<WorkflowDefinition, 'concurrency'> {
  if (!random.chance(0.2)) return {};
  const whenFull = random.pick(...WHEN_FULL);
  const key = random.pick('one', '$(params.choice)');
  // What is debounced keeps the newest that waits: the others have no meaning beside it.
  const keepsOthers = whenFull === 'cancel-new' || whenFull === 'join-waiting';
  const debounce = !keepsOthers && { debounceMs: 1 + random.below(5_000) };
  const throttleMs = 1 + random.below(5_000);
  return { concurrency: { key, limit: 1 + random.below(3), whenFull, throttleMs, ...debounce } };
}

function randomFinally(random: SeededRandom): readonly TaskDefinition[] {
  const tasks: TaskDefinition[] = [];
  for (let at = 1; at <= 1 + random.below(3); at += 1) {
    const name = `last-${at}`;
    const upstream = tasks.filter(() => random.chance(0.4)).map((one) => dependencyOn(one, random));
    tasks.push({ ...randomTask(name, tasks, random), dependencies: upstream, finally: true });
  }
  return tasks;
}

function randomTask(
  name: string,
  before: readonly TaskDefinition[],
  random: SeededRandom,
): TaskDefinition {
  const chosen = before.filter(() => random.chance(1.5 / before.length));
  const upstream = (chosen.length > 0 ? chosen : before.slice(-1)).map((task) =>
    dependencyOn(task, random),
  );
  switch (random.below(10)) {
    case 0:
      return aTask(name, 'decision', upstream, {
        value: random.pick('a', 'b', ...VALUES),
      });
    case 1:
      return aTask(name, 'set-property', upstream, { output: name, value: random.pick(...VALUES) });
    case 2:
      return randomWait(name, upstream, random);
    case 3:
      return random.chance(0.3)
        ? aTask(name, 'manual', upstream, { instructions: 'Look.' }, randomTimeout(random))
        : aTask(name, 'approval', upstream, { approvers: 2, due: '5m' });
    case 4:
      return aTask(name, 'sleep', upstream, { duration: 1 + random.below(20_000) });
    case 5:
      return randomTestTask(name, upstream, random);
    case 6:
      return random.chance(0.3)
        ? aTask(name, 'set-status', upstream, { status: random.pick('succeeded', 'failed') })
        : aTask(name, 'timer', upstream, { ms: 1 + random.below(20_000) });
    case 7:
      return randomWorkerTask(name, upstream, random);
    default: {
      const extras = {
        timeoutMs: 1_000 + random.below(20_000),
        ...(random.chance(0.6) && { retry: randomRetry(random) }),
      };
      if (random.chance(0.2)) {
        const script = { source: 'return input', input: '$(params.choice)' };
        return aTask(name, 'script', upstream, script, extras);
      }
      const event = { nats: `out.${name}`, type: 'done', data: '$(params.choice)' };
      return random.chance(0.3)
        ? aTask(name, 'event', upstream, event, extras)
        : randomHttpTask(name, upstream, extras, random);
    }
  }
}

function randomWait(
  name: string,
  upstream: readonly Dependency[],
  random: SeededRandom,
): TaskDefinition {
  const [filter, extras] = randomFilter(name, random);
  const wait = { topic: 'paid', ...filter };
  return aTask(name, 'wait-for-event', upstream, wait, { ...randomTimeout(random), ...extras });
}

function randomHttpTask(
  name: string,
  upstream: readonly Dependency[],
  extras: TaskExtras,
  random: SeededRandom,
): TaskDefinition {
  if (random.chance(0.5)) return anHttpTask(name, upstream, extras);
  const params = { url: 'https://example.org/', ...randomHttpParams(random) };
  return aTask(name, 'http', upstream, params, extras);
}

/** What a service of the user's own does. */
function randomWorkerTask(
  name: string,
  upstream: readonly Dependency[],
  random: SeededRandom,
): TaskDefinition {
  const type = random.pick('generic', 'custom', 'template');
  const params = { queue: random.pick('q', 'r'), input: { choice: '$(params.choice)' } };
  const retry = random.chance(0.6) && { retry: randomRetry(random) };
  return aTask(name, type, upstream, params, { ...randomTimeout(random), ...retry });
}

/** What waits for locks, workers and children. */
function randomTestTask(
  name: string,
  upstream: readonly Dependency[],
  random: SeededRandom,
): TaskDefinition {
  switch (random.below(7)) {
    case 0: {
      const lock = { key: random.pick('one', 'two'), ...(random.chance(0.3) && { lease: '1m' }) };
      return aTask(name, 'acquire-lock', upstream, lock, randomTimeout(random));
    }
    case 1:
      return aTask(name, 'release-lock', upstream, { key: random.pick('one', 'two') });
    case 2:
      return aTask(name, 'worker', upstream, { queue: 'q' }, { retry: randomRetry(random) });
    case 3: {
      const children = { count: 1 + random.below(3) };
      return aTask(name, 'children', upstream, children, randomTimeout(random));
    }
    default:
      return randomBeginner(name, upstream, random);
  }
}

/** What begins runs of another workflow: one, one later, or one for each item of a list. */
function randomBeginner(
  name: string,
  upstream: readonly Dependency[],
  random: SeededRandom,
): TaskDefinition {
  const retry = random.chance(0.5) && { retry: randomRetry(random) };
  const extras = { ...randomTimeout(random), ...retry };
  const onCancel = random.pick('cancel', 'leave');
  switch (random.below(3)) {
    case 0: {
      const items = Array.from({ length: random.below(30) }, (_, item) => item);
      const over = random.chance(0.8) ? items : PATHS[2];
      const how = { maxParallel: 1 + random.below(5), failFast: random.chance(0.5) };
      return aTask(name, 'map', upstream, { over, workflow: 'other', ...how }, extras);
    }
    case 1: {
      const which = { workflow: 'other', onCancel, in: random.pick('1d', '90m') };
      return aTask(name, 'run-scheduled-workflow', upstream, which, extras);
    }
    default: {
      const which = { workflow: 'other', onCancel, wait: random.chance(0.7) };
      return aTask(name, 'run-workflow', upstream, which, extras);
    }
  }
}

/** Sometimes sooner than what it waits for. */
function randomTimeout(random: SeededRandom): Pick<TaskDefinition, 'timeoutMs'> {
  return random.chance(0.3) ? { timeoutMs: 1 + random.below(100_000) } : {};
}

function randomRetry(random: SeededRandom): NonNullable<TaskDefinition['retry']> {
  const backoff = random.pick('fixed', 'exponential', 'list');
  const delayMs = 1 + random.below(5_000);
  return {
    attemptsMax: 1 + random.below(4),
    ...(backoff === 'list'
      ? { backoff, delaysMs: [delayMs, 1 + random.below(90_000)] }
      : { backoff, delayMs, delayMsMax: 10_000 }),
    jitter: random.next(),
    ...(random.chance(0.3) && { when: ['HTTP_STATUS', random.pick('5xx', '418')] }),
    ...(random.chance(0.3) && { then: 'pause' }),
  };
}

function dependencyOn({ name, type }: TaskDefinition, random: SeededRandom): Dependency {
  if (type === 'decision') {
    return {
      taskRef: name,
      decisionCondition: random.pick('', 'a', 'b', 'a\nc', 'c\r\na', '\r\n', '.*'),
    };
  }
  const executionCondition = random.pick(
    ...(['always', 'always', 'success', 'failure', 'timeout'] as const),
  );
  return { taskRef: name, executionCondition };
}
