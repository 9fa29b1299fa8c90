import { type JsonObject, type JsonValue } from '@app/json';
import { TOPIC_CHARS_MAX } from '../bounds.js';
import { FAILURE_CODES } from '../state/failure.js';
import { textOf } from '../json.js';
import { idRule, textRule } from './param-rules.js';
import { invalidParam, type ParamRule, type TaskBehaviour } from './task-behaviour.js';

/** An entry of the outbox: a task waits for an event by its key, and one may have come before. */
export const EVENT_WAIT = 'event-wait';

export interface EventWaitEntry extends JsonObject {
  readonly topic: string;
  readonly correlationKey: string;
}

const RULES: ReadonlyMap<string, ParamRule> = new Map([
  ['topic', textRule('What the event is about.', TOPIC_CHARS_MAX, { required: true })],
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
export const waitForEvent: TaskBehaviour = {
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
    return {
      kind: 'wait',
      on: { kind: 'event', ...wait, since: now },
      outbox: [{ kind: EVENT_WAIT, key: EVENT_WAIT, payload: wait }],
    };
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
};
