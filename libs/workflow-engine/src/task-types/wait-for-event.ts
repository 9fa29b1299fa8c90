import { type JsonValue } from '@app/json';
import { TOPIC_CHARS_MAX } from '../bounds.js';
import { FAILURE_CODES } from '../state/failure.js';
import { textOf } from '../json.js';
import { invalidParam } from './invalid-param.js';
import { textRule } from './param-rules.js';
import { type ParamRule, type TaskBehaviour } from './task-behaviour.js';

const RULES: ReadonlyMap<string, ParamRule> = new Map([
  ['topic', textRule('What the event is about.', TOPIC_CHARS_MAX, { required: true })],
  [
    'correlationKey',
    textRule('An event that has a key counts only with this one.', TOPIC_CHARS_MAX),
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
    const { topic = '', correlationKey } = params;
    const key = correlationKey !== undefined && { correlationKey: textOf(correlationKey) };
    return { kind: 'wait', on: { kind: 'event', topic: textOf(topic), ...key, since: now } };
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
