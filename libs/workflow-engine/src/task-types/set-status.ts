import { type JsonValue } from '@app/json';
import { INSTRUCTIONS_CHARS_MAX } from '../bounds.js';
import { textOf } from '../json.js';
import { type FinalStatus } from '../state/activity-status.js';
import { textRule } from './param-rules.js';
import { invalidParam, type ParamRule, type TaskBehaviour } from './task-behaviour.js';

/** As this and the versions of Boomerang Flow write them. */
const STATUSES: ReadonlyMap<string, FinalStatus> = new Map([
  ['succeeded', 'succeeded'],
  ['success', 'succeeded'],
  ['completed', 'succeeded'],
  ['failed', 'failed'],
  ['failure', 'failed'],
  ['cancelled', 'cancelled'],
  ['timedout', 'timedout'],
]);

const RULES: ReadonlyMap<string, ParamRule> = new Map([
  [
    'status',
    {
      required: true,
      about: 'What the run ends as.',
      schema: { type: 'string' },
      problem: (value) =>
        statusOf(value) === undefined
          ? 'must be succeeded, failed, cancelled or timedout'
          : undefined,
    },
  ],
  ['message', textRule('Why, for whoever reads it.', INSTRUCTIONS_CHARS_MAX)],
]);

/** Says what the run ends as, whatever becomes of its other tasks. The run goes on. */
export const setStatus: TaskBehaviour = {
  about: 'Says what the run ends as, whatever becomes of its other tasks; the run goes on.',
  params: RULES,
  main: 'status',
  resultNames: [],
  reach: (params) => {
    const status = statusOf(params['status'] ?? null);
    const invalid = invalidParam(params, RULES);
    if (invalid !== undefined) return invalid;
    const { message } = params;
    const said = message !== undefined && { message: textOf(message) };
    return { kind: 'done', runStatus: { status: status ?? 'failed', ...said } };
  },
};

function statusOf(value: JsonValue): FinalStatus | undefined {
  return typeof value === 'string' ? STATUSES.get(value.toLowerCase()) : undefined;
}
