import { type JsonObject, jsonObjectOf, type JsonValue } from '@app/json';
import { RETRY_BACKOFF_DEFAULT, RETRY_DELAY_MS_DEFAULT } from '../bounds.js';
import {
  type Backoff,
  type Dependency,
  type RetryPolicy,
  type RunRetryPolicy,
  type TaskDefinition,
  type WorkflowDefinition,
} from '../definition/definition.js';
import { splitFinally } from '../definition/graph.js';
import { durationText } from '../definition/duration.js';
import { shortConcurrency } from './concurrency-forms.js';
import { END_NAME, impliedEndOf, START_NAME } from './implied-tasks.js';
import { needsOf } from './needs.js';
import { delayMsMaxDefault, type TaskTypeForms } from './task-members.js';

type Members = Record<string, JsonValue>;

/** A definition with its tasks by name. */
export interface ShortForm {
  readonly timeout?: string;
  readonly retry?: JsonObject;
  readonly params?: JsonObject;
  readonly tasks: JsonObject;
  readonly finally?: JsonObject;
  readonly notify?: JsonValue;
  readonly concurrency?: JsonObject;
}

/**
 * The short form of a valid definition. Its long form is the same definition again: a part without a short word is
 * written out.
 */
export function shortForm(definition: WorkflowDefinition, types: TaskTypeForms): ShortForm {
  const { params = [], timeoutMs, retry, notify, concurrency } = definition;
  const { main: tasks, last } = splitFinally(definition.tasks);
  const decisions = new Set(
    definition.tasks.filter(({ type }) => type === 'decision').map(({ name }) => name),
  );
  const isDecision = (task: string): boolean => decisions.has(task);
  const start = tasks.find(({ type }) => type === 'start')?.name ?? START_NAME;
  const written = tasks.filter((task, at) => !isImplied(task, at, tasks, start));
  const specs = params.map(({ name, ...spec }) => [name, { ...spec }] as const);
  return {
    ...(timeoutMs !== undefined && { timeout: durationText(timeoutMs) }),
    ...(retry !== undefined && { retry: retryOf(retry) }),
    ...(specs.length > 0 && { params: jsonObjectOf(specs) }),
    tasks: jsonObjectOf(
      written.map((task) => [task.name, taskOf(task, start, isDecision, types)] as const),
    ),
    ...(last.length > 0 && {
      finally: jsonObjectOf(
        last.map((task) => [task.name, taskOf(task, undefined, isDecision, types)] as const),
      ),
    }),
    ...(notify !== undefined && { notify: notify.map((target) => ({ ...target })) }),
    ...(concurrency !== undefined && { concurrency: shortConcurrency(concurrency) }),
  };
}

/** Whether the short form implies it, so that it can be left out. */
function isImplied(
  task: TaskDefinition,
  at: number,
  tasks: readonly TaskDefinition[],
  start: string,
): boolean {
  const { name, type, dependencies = [], params = [], timeoutMs, retry } = task;
  const isPlain = params.length === 0 && timeoutMs === undefined && retry === undefined;
  if (!isPlain) return false;
  if (type === 'start') return name === START_NAME && at === 0 && dependencies.length === 0;
  if (type !== 'end' || name !== END_NAME || at !== tasks.length - 1) return false;
  return isSame(dependencies, impliedEndOf(tasks.slice(0, -1), start));
}

function taskOf(
  { type, dependencies = [], params = [], timeoutMs, retry }: TaskDefinition,
  start: string | undefined,
  isDecision: (task: string) => boolean,
  types: TaskTypeForms,
): JsonObject {
  const task: Members = { [type]: valueOf(params, types.get(type)?.main) };
  const first = start === undefined ? [] : [{ taskRef: start }];
  const isFirst = isSame(dependencies, first) && type !== 'start';
  const isStart = type === 'start' && dependencies.length === 0;
  if (!isFirst && !isStart) task['needs'] = needsOf(dependencies, isDecision);
  if (timeoutMs !== undefined) task['timeout'] = durationText(timeoutMs);
  if (retry !== undefined) task['retry'] = retryOf(retry);
  return task;
}

function valueOf(params: TaskDefinition['params'] & object, main: string | undefined): JsonValue {
  const [only] = params;
  if (only === undefined) return null;
  const isMain = params.length === 1 && only.name === main && typeof only.value === 'string';
  return isMain
    ? only.value
    : jsonObjectOf(params.map(({ name, value }) => [name, value] as const));
}

function retryOf(retry: RetryPolicy | RunRetryPolicy): JsonObject {
  const { attemptsMax, jitter, when } = retry;
  return {
    attemptsMax,
    ...delaysOf(retry),
    ...(jitter !== undefined && { jitter }),
    ...(when !== undefined && { when }),
    ...('then' in retry && { then: retry.then }),
    ...('from' in retry && { from: retry.from }),
  };
}

function delaysOf(retry: Backoff): JsonObject {
  if (retry.backoff === 'list') return { delays: retry.delaysMs.map(durationText) };
  const { backoff, delayMs, delayMsMax } = retry;
  return {
    ...(backoff !== RETRY_BACKOFF_DEFAULT && { backoff }),
    ...(delayMs !== RETRY_DELAY_MS_DEFAULT && { delay: durationText(delayMs) }),
    ...(delayMsMax !== delayMsMaxDefault(delayMs) && { delayMax: durationText(delayMsMax) }),
  };
}

function isSame(some: readonly Dependency[], others: readonly Dependency[]): boolean {
  return (
    some.length === others.length &&
    some.every((one, at) => {
      const other = others[at];
      return (
        one.taskRef === other?.taskRef &&
        one.executionCondition === other.executionCondition &&
        one.decisionCondition === other.decisionCondition
      );
    })
  );
}
