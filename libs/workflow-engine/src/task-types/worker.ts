import { isJsonArray, type JsonObject, type JsonValue } from '@app/json';
import {
  WORKER_INPUT_CHARS_MAX,
  WORKER_LINE_CHARS_MAX,
  WORKER_LINES_MAX,
  WORKER_LOG_CHARS_MAX,
  WORKER_REQUEUE_MS_MAX,
  WORKER_REQUEUE_MS_MIN,
} from '../bounds.js';
import { fitsAsJson, textOf } from '../json.js';
import { type OutboxDraft } from '../state/outbox-entry.js';
import { type WorkerProgressSignal, type WorkerResultSignal } from '../state/signal.js';
import { type WaitingTask } from '../state/waiting.js';
import {
  invalidParam,
  type ParamRule,
  type Received,
  type TaskBehaviour,
  type TaskContext,
  type WaitInput,
} from './task-behaviour.js';

/** The kinds of entries that a task for a worker puts into the outbox. */
export const WORKER_TASK_ENTRY = 'worker-task';
export const WORKER_CANCEL_ENTRY = 'worker-cancel';

/** A part of a subject and of a consumer's name in NATS. */
const QUEUE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const QUEUE_RULE = 'must have 1 to 63 characters, of a-z, 0-9 and "-" between them';
const GROUP_DEFAULT = 'default';

const RULES: ReadonlyMap<string, ParamRule> = new Map([
  ['queue', queueRule('What kind of work it is: the workers of that queue do it.', true)],
  ['group', queueRule(`Which of them; "${GROUP_DEFAULT}" unless it says otherwise.`, false)],
  [
    'input',
    {
      required: false,
      about: 'What the worker gets, of any kind.',
      problem: (value) =>
        fitsAsJson(value, WORKER_INPUT_CHARS_MAX)
          ? undefined
          : `must have at most ${WORKER_INPUT_CHARS_MAX} characters as JSON`,
    },
  ],
]);

/**
 * Hands work to a service of the user's own, over a queue, and waits for its answer. Nothing is held
 * meanwhile: no thread, no connection, no permit.
 */
export function workerTask(about: string): TaskBehaviour {
  return {
    about,
    params: RULES,
    main: 'queue',
    waits: true,
    resultNames: 'any',
    reach: (params, context) => {
      const invalid = invalidParam(params, RULES);
      if (invalid !== undefined) return invalid;
      const { queue = '', group = GROUP_DEFAULT, input = null } = params;
      const work = { queue: `${textOf(queue)}.${textOf(group)}`, input };
      const { now, task } = context;
      const until = now + WORKER_REQUEUE_MS_MIN;
      return {
        kind: 'wait',
        on: { kind: 'worker', queue: work.queue, since: now, until },
        memory: { input },
        outbox: [entryOf(WORKER_TASK_ENTRY, work, context)],
        hold: [{ name: holdOf(task), entry: entryOf(WORKER_CANCEL_ENTRY, work, context) }],
      };
    },
    receive,
  };
}

function receive(waiting: WaitingTask, input: WaitInput, context: TaskContext): Received {
  const { on, memory = {} } = waiting;
  if (on.kind !== 'worker') return { kind: 'ignored' };
  if (input.kind === 'due') return queuedAgain(on, memory, context);
  if (input.kind !== 'worker-result' && input.kind !== 'worker-progress') {
    return { kind: 'ignored' };
  }
  // An answer from another queue is consumed without effect.
  if (input.queue !== on.queue) return { kind: 'wait', on, memory };
  if (input.kind === 'worker-progress') {
    // A repeat, which was not acknowledged in time.
    if (memory['progressId'] === input.id) return { kind: 'wait', on, memory };
    const progress = progressOf(memory, input);
    return { kind: 'wait', on, memory: { ...memory, progressId: input.id, progress } };
  }
  return endedBy(input, context.task);
}

function endedBy({ outcome }: WorkerResultSignal, task: string): Received {
  const dropHolds = [holdOf(task)];
  return outcome.kind === 'succeeded'
    ? { kind: 'done', results: outcome.results, dropHolds }
    : { ...outcome, dropHolds };
}

/**
 * Requests the work again, in case the queue has lost it. The delay doubles each time, up to `WORKER_REQUEUE_MS_MAX`,
 * so that a long outage adds few entries to the outbox.
 */
function queuedAgain(
  on: Extract<WaitingTask['on'], { kind: 'worker' }>,
  memory: JsonObject,
  context: TaskContext,
): Received {
  const { input = null } = memory;
  const { now } = context;
  const waitedMs = Math.max(now - on.since, WORKER_REQUEUE_MS_MIN);
  const until = now + Math.min(waitedMs, WORKER_REQUEUE_MS_MAX);
  const entry = entryOf(WORKER_TASK_ENTRY, { queue: on.queue, input }, context);
  return { kind: 'wait', on: { ...on, until }, memory, outbox: [entry] };
}

function entryOf(
  kind: string,
  { queue, input }: { readonly queue: string; readonly input: JsonValue },
  { task, attempt, keyAttempt }: TaskContext,
): OutboxDraft {
  const payload =
    kind === WORKER_TASK_ENTRY
      ? { queue, task, attempt, keyAttempt, input }
      : { queue, task, attempt };
  return { kind, key: `worker:${task}`, payload };
}

function progressOf(
  { progress }: JsonObject,
  { at, percent, message, lines = [] }: WorkerProgressSignal,
): JsonObject {
  const before = (progress ?? {}) as JsonObject;
  const earlier = isJsonArray(before['lines']) ? before['lines'] : [];
  const cut = lines.map((line) => line.slice(0, WORKER_LINE_CHARS_MAX));
  return {
    ...before,
    at,
    ...(percent !== undefined && { percent }),
    ...(message !== undefined && { message: message.slice(0, WORKER_LINE_CHARS_MAX) }),
    lines: lastLines([...earlier, ...cut]),
  };
}

/** The last lines within `WORKER_LINES_MAX` and `WORKER_LOG_CHARS_MAX`. */
function lastLines(lines: readonly JsonValue[]): readonly JsonValue[] {
  let kept = lines.slice(-WORKER_LINES_MAX);
  while (!fitsAsJson(kept, WORKER_LOG_CHARS_MAX)) kept = kept.slice(1);
  return kept;
}

function holdOf(task: string): string {
  return `worker:${task}`;
}

function queueRule(about: string, required: boolean): ParamRule {
  return {
    required,
    about,
    schema: { type: 'string', pattern: QUEUE.source },
    problem: (value) => (typeof value === 'string' && QUEUE.test(value) ? undefined : QUEUE_RULE),
  };
}
