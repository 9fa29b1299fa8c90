import { DURATION_MS_MAX } from '../bounds.js';
import { durationMs, durationRule, readInstant } from './times.js';
import { invalidParam, type ParamRule, type TaskBehaviour } from './task-behaviour.js';

const UNTIL_RULE =
  'must be an instant as RFC 3339 writes it, with its offset: "2026-12-24T18:00:00+01:00"';

const RULES: ReadonlyMap<string, ParamRule> = new Map([
  ['duration', durationRule('How long, as "5m" or "PT5M".', { notWith: 'until' })],
  [
    'until',
    {
      required: false,
      about: 'Until when, as RFC 3339 writes it; one that has passed is over at once.',
      schema: { type: 'string' },
      problem: (value) =>
        typeof value === 'string' && readInstant(value) !== undefined ? undefined : UNTIL_RULE,
    },
  ],
]);

/** Waits for time alone. Nothing waits with it: it is a wake-up in the activity's document. */
export const sleep: TaskBehaviour = {
  about: 'Waits for a time, or until an instant.',
  params: RULES,
  needsOneOf: ['duration', 'until'],
  main: 'duration',
  waits: true,
  resultNames: [],
  reach: (params, { now }) => {
    const invalid = invalidParam(params, RULES);
    if (invalid !== undefined) return invalid;
    const { duration, until } = params;
    const at =
      typeof until === 'string' ? readInstant(until) : now + (durationMs(duration ?? null) ?? 0);
    if (at === undefined || at > now + DURATION_MS_MAX) {
      return { kind: 'invalid', param: 'until', detail: UNTIL_RULE };
    }
    return at <= now
      ? { kind: 'done' }
      : { kind: 'wait', on: { kind: 'timer', since: now, until: at } };
  },
  receive: (_, input) => (input.kind === 'due' ? { kind: 'done' } : { kind: 'ignored' }),
};
