import { type JsonObject, type JsonValue } from '@app/json';
import { EVENT_FILTER_STEPS_MAX, EVENT_FILTERS_MAX, TOPIC_CHARS_MAX } from '../bounds.js';
import { type Param, type TaskDefinition } from '../definition/definition.js';
import { FAILURE_CODES } from '../state/failure.js';
import { textOf } from '../json.js';
import { type OutboxDraft } from '../state/outbox-entry.js';
import { type WaitReason } from '../state/waiting.js';
import {
  type CompiledEventFilter,
  type EventFilterCompiler,
  filteredEvent,
} from './event-filter.js';
import { idRule, nameRule } from './param-rules.js';
import {
  invalidParam,
  type ParamRule,
  type Received,
  type TaskBehaviour,
} from './task-behaviour.js';

/** An entry of the outbox: a task waits for an event by its key, and events that came before may be stored. */
export const EVENT_WAIT = 'event-wait';

export interface EventWaitEntry extends JsonObject {
  readonly topic: string;
  readonly correlationKey: string;
}

const RULES: ReadonlyMap<string, ParamRule> = new Map([
  ['topic', nameRule('What the event is about.', TOPIC_CHARS_MAX, { required: true })],
  [
    'correlationKey',
    idRule(
      'What the event is about in particular, such as an order: whoever sends topic and key need not know the run.',
      TOPIC_CHARS_MAX,
    ),
  ],
]);

/**
 * Waits for an event that is sent to the run. One that came before counts. An event that says it failed
 * fails the attempt, with its payload among the results.
 */
export const waitForEvent = {
  about: 'Waits for an event of a topic, which may have come before.',
  params: RULES,
  main: 'topic',
  waits: true,
  resultNames: ['data', 'status'],
  reach: (params, { now }) => {
    const invalid = invalidParam(params, RULES);
    if (invalid !== undefined) return invalid;
    const topic = textOf(params['topic'] ?? '');
    if (params['correlationKey'] === undefined)
      return { kind: 'wait', on: { kind: 'event', topic, since: now } };
    const wait: EventWaitEntry = { topic, correlationKey: textOf(params['correlationKey']) };
    return { kind: 'wait', on: { kind: 'event', ...wait, since: now }, outbox: [asked(wait)] };
  },
  receive: ({ on }, input) => {
    if (input.kind !== 'event' || on.kind !== 'event') return { kind: 'ignored' };
    const { payload, outcome = 'succeeded' } = input;
    const data: JsonValue = payload ?? null;
    const results = { data, status: outcome };
    if (outcome === 'succeeded') return { kind: 'done', results };
    const message = `The event of the topic "${on.topic}" says that it failed`;
    const code = FAILURE_CODES.EVENT_FAILED;
    return { kind: 'failed', code, message, retryable: true, outcomeKnown: true, results };
  },
} satisfies TaskBehaviour;

/**
 * The same with the parameter `filter`. Each task's filter is compiled once for a plan. An event that it does not match
 * is ignored, so the run offers it to other tasks or keeps it. The filters of a workflow have equal shares of
 * `EVENT_FILTER_STEPS_MAX`, because one event may be offered to all of them.
 */
export function filteredWaitForEvent(filters: EventFilterCompiler): TaskBehaviour {
  const filter: ParamRule = {
    required: false,
    about:
      'Which events of the topic it takes (docs/filters.md), by their attributes, `topic`, `status` and `$.data`; used as written.',
    schema: { type: ['object', 'array'] },
    problem: () => undefined,
    problems: (value, path) => {
      const compiled = filters(value, path);
      return compiled.kind === 'invalid' ? compiled.problems : [];
    },
    verbatim: true,
    tasksMax: EVENT_FILTERS_MAX,
  };
  return {
    ...waitForEvent,
    params: new Map([...RULES, ['filter', filter]]),
    ofTask: (params, tasks) => {
      const written = filterIn(params);
      if (written === undefined) return waitForEvent;
      const filtered = tasks.filter((task) => isFiltered(task)).length;
      const stepsMax = Math.floor(EVENT_FILTER_STEPS_MAX / Math.max(1, filtered));
      return withFilter(filters(written.value, 'filter', stepsMax));
    },
  };
}

function isFiltered({ type, params = [] }: TaskDefinition): boolean {
  return type === 'wait-for-event' && filterIn(params) !== undefined;
}

function filterIn(params: readonly Param[]): Param | undefined {
  return params.find(({ name }) => name === 'filter');
}

function withFilter(filter: CompiledEventFilter): TaskBehaviour {
  return {
    ...waitForEvent,
    reach: (params, context) => {
      if (filter.kind === 'invalid') return unreadable(filter);
      const reached = waitForEvent.reach(params, context);
      if (reached.kind !== 'wait') return reached;
      return { ...reached, on: { ...reached.on, isFiltered: true } };
    },
    receive: (waiting, input) => {
      if (input.kind !== 'event') return { kind: 'ignored' };
      const isTaken = filter.kind === 'ok' && filter.matches(filteredEvent(input));
      if (isTaken) return waitForEvent.receive(waiting, input);
      return notTaken(waiting.on, input.wait);
    },
  };
}

/** A filter that was valid in the release, or under the settings, that saved it. */
function unreadable({
  problems: [first],
}: Extract<CompiledEventFilter, { kind: 'invalid' }>): ReturnType<TaskBehaviour['reach']> {
  const where = first === undefined ? '' : ` (${first.path ?? 'filter'} ${first.detail})`;
  return { kind: 'invalid', param: 'filter', detail: `can't be read by this release${where}` };
}

/**
 * The store gives a wait one event at a time. When the run has not taken it, further events may be stored for the
 * wait, so it asks for them again.
 */
function notTaken(on: WaitReason, wait: string | undefined): Received {
  if (wait === undefined || on.kind !== 'event' || on.correlationKey === undefined)
    return { kind: 'ignored' };
  const { topic, correlationKey } = on;
  return { kind: 'ignored', ask: asked({ topic, correlationKey }) };
}

function asked(payload: EventWaitEntry): OutboxDraft {
  return { kind: EVENT_WAIT, key: EVENT_WAIT, payload };
}
