import { type JsonValue } from '@app/json';
import { DECISION_VALUE_CHARS_MAX } from '../bounds.js';
import { charsOf, textOf } from '../json.js';
import { type ParamRule, type TaskBehaviour } from './task-behaviour.js';

const value: ParamRule = {
  required: true,
  about:
    'The text, or a value as JSON, that the patterns of the tasks which need this one are matched against.',
  problem: valueProblem,
};

/** Chooses among the edges that lead out of it, by matching `value` as text against their patterns. */
export const decision: TaskBehaviour = {
  about: 'Chooses which of the tasks that need it run, by patterns that match a value.',
  params: new Map([['value', value]]),
  main: 'value',
  resultNames: [],
  reach: (params) => {
    const chosen = params['value'] ?? null;
    const detail = valueProblem(chosen);
    return detail === undefined
      ? { kind: 'done', decision: textOf(chosen) }
      : { kind: 'invalid', param: 'value', detail };
  },
};

function valueProblem(candidate: JsonValue): string | undefined {
  const chars =
    typeof candidate === 'string' ? candidate.length : charsOf(candidate, DECISION_VALUE_CHARS_MAX);
  return chars > DECISION_VALUE_CHARS_MAX
    ? `must have at most ${DECISION_VALUE_CHARS_MAX} characters`
    : undefined;
}
