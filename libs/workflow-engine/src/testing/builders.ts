import { type JsonObject } from '@app/json';
import { type ActivityState, type Input } from '../state/activity-state.js';
import {
  type Dependency,
  type TaskDefinition,
  type TaskType,
  type WorkflowDefinition,
} from '../definition/definition.js';
import { type RunScope } from '../parameters/find-value.js';
import { compile } from '../plan/compile.js';
import { type Plan } from '../plan/plan.js';
import { advance } from '../run/advance.js';
import { begin } from '../run/begin.js';
import { type CancelSignal } from '../state/signal.js';
import { type TaskContext } from '../task-types/task-behaviour.js';
import { fakePatterns } from './fake-patterns.js';
import { TEST_TASKS } from './waiting-tasks.js';

/** 1 January 2026, in milliseconds since 1970. */
export const NOW = 1_767_225_600_000;

/** An upstream task's name, for a dependency without conditions. */
export type Upstream = string | Dependency;

export type TaskExtras = Pick<TaskDefinition, 'timeoutMs' | 'retry'>;

export function aTask(
  name: string,
  type: TaskType,
  upstream: readonly Upstream[],
  params: JsonObject = {},
  extras: TaskExtras = {},
): TaskDefinition {
  return {
    name,
    type,
    dependencies: upstream.map((from) => (typeof from === 'string' ? { taskRef: from } : from)),
    params: Object.entries(params).map(([param, value]) => ({ name: param, value })),
    ...extras,
  };
}

/** An `http` task that needs nothing but its name. */
export function anHttpTask(
  name: string,
  upstream: readonly Upstream[] = ['start'],
  extras: TaskExtras = {},
): TaskDefinition {
  return aTask(name, 'http', upstream, { url: `https://example.org/${name}` }, extras);
}

/** The tasks given between `start` and an `end` that depends on `last` (by default the last of them). */
export function aDefinition(
  tasks: readonly TaskDefinition[] = [],
  last: readonly Upstream[] = [tasks.at(-1)?.name ?? 'start'],
  rest: Omit<WorkflowDefinition, 'tasks'> = {},
): WorkflowDefinition {
  return { tasks: [aTask('start', 'start', []), ...tasks, aTask('end', 'end', last)], ...rest };
}

export function aPlan(...definition: Parameters<typeof aDefinition>): Plan {
  return compile(aDefinition(...definition), fakePatterns, TEST_TASKS);
}

export function aScope(params: JsonObject = {}, rest: Partial<RunScope> = {}): RunScope {
  return { event: { params }, context: { 'workflowrun-ref': 'activity-1' }, ...rest };
}

/** A run after its first step. */
export function aRun(plan: Plan, scope: RunScope = aScope(), now = NOW): ActivityState {
  return advance(plan, begin(plan, scope, now), scope, [], now).state;
}

/** Of the first attempt of some task. */
export function aTaskContext(rest: Partial<TaskContext> = {}): TaskContext {
  return {
    now: NOW,
    activity: 'activity-1',
    keysOf: 'activity-1',
    task: 'task',
    attempt: 1,
    keyAttempt: 1,
    keyAt: NOW,
    params: () => ({}),
    ...rest,
  };
}

export function succeeded(task: string, attempt = 1, results: JsonObject = {}, repeats = 0): Input {
  return {
    kind: 'task-result',
    result: { task, attempt, repeats, outcome: { kind: 'succeeded', results } },
  };
}

/** A definite failure that another attempt could help, unless stated otherwise. */
export function failed(
  task: string,
  attempt = 1,
  {
    repeats = 0,
    ...rest
  }: {
    retryable?: boolean;
    outcomeKnown?: boolean;
    retryAfterMs?: number;
    repeats?: number;
  } = {},
): Input {
  const outcome = {
    kind: 'failed',
    code: 'HTTP_STATUS',
    message: 'The answer was 503',
    retryable: true,
    outcomeKnown: true,
    ...rest,
  } as const;
  return { kind: 'task-result', result: { task, attempt, repeats, outcome } };
}

export function cancelled(rest: Partial<CancelSignal> = {}): Input {
  const signal = { id: 'signal-1', kind: 'cancel', reason: 'no longer wanted', at: NOW } as const;
  return { kind: 'signal', signal: { ...signal, ...rest } };
}
